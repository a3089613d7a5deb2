import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { readEnvironment } from '#core/runtime/environment.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { GivenOptions } from './applicable.ts';
import type { Context } from './context.ts';
import { exitCodeOfError } from './exit-codes.ts';
import { outputGroup, withHelp } from './help.ts';
import { Output } from './output.ts';

/** What a command's options come to once they are parsed. */
export type FlagsOf<Verb extends { opts: () => unknown }> = ReturnType<Verb['opts']>;

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

interface CommonFlags {
  vault?: string;
  json: boolean;
  quiet: boolean;
  debug: boolean;
}

/** Runs a verb: opens its context, prints its errors, sets the exit code of the process. */
export async function perform(
  command: CommandUnknownOpts,
  flags: CommonFlags,
  act: (context: Context) => Promise<number>,
): Promise<void> {
  const environment = readEnvironment();
  const output = new Output({ ...flags, noColor: environment.noColor });
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new HoldfastError('Interrupted', 'stopped by Ctrl-C'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const { openVault } = await import('#core/vault/storage/open-vault.ts');
    const vault = await openVault(flags.vault ?? environment.vault ?? 'vault', { elsewhere: true });
    process.exitCode = await act({ vault, output, environment, signal: stop.signal, given: givenTo(command) });
  } catch (error) {
    output.error(error);
    process.exitCode = exitCodeOfError(error);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** The options that the caller wrote; what only has its default is not among them. */
export function givenTo(command: CommandUnknownOpts): GivenOptions {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
  return new Map(given.map((option) => [option.attributeName(), option.long ?? option.flags]));
}
