import { Command } from '@commander-js/extra-typings';
import { outputGroup, withHelp } from './help.ts';

export { perform } from './perform.ts';

/** What a command's options come to once they are parsed. */
export type FlagsOf<Verb extends (...given: never[]) => { opts: () => unknown }> = ReturnType<ReturnType<Verb>['opts']>;

/** A verb that prints no results: what it prints is for another program. */
export function plainVerb(name: string) {
  return withHelp(new Command(name));
}

/** A verb with the options that all take that print results. */
export function verb(name: string) {
  return plainVerb(name)
    .optionsGroup(outputGroup)
    .option('--json', 'one JSON object a line, for machines', false)
    .option('--quiet', 'print failures and results only', false)
    .option('--debug', 'print stack traces', false)
    .optionsGroup('Options:');
}

/** A verb that reads or writes a vault. */
export function vaultVerb(name: string) {
  return verb(name).option(
    '--vault <location>',
    'a folder or s3://bucket/prefix; else HOLDFAST_VAULT, else the folder vault',
  );
}
