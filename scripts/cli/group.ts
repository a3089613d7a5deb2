import { printable } from '#core/runtime/printable.ts';
import { mask } from '#core/runtime/redact.ts';
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { explainUnknownOption } from './unknown-option.ts';

/** A command that only has commands of its own. */
export function group(name: string, description: string, commands: readonly CommandUnknownOpts[]) {
  const parent = new Command(name).description(description);
  for (const command of commands) parent.addCommand(command);
  return parent;
}

/**
 * Adds a verb, which takes on how the program handles errors; so do its own commands.
 * @param whole the program with all its verbs, for an option that another of them has
 */
export function register(
  program: CommandUnknownOpts,
  command: CommandUnknownOpts,
  whole: () => CommandUnknownOpts,
  hidden = false,
): void {
  inherit(command, whole);
  program.addCommand(command, { hidden });
}

/** What is wrong with arguments repeats them, and they may hold anything. */
export function cleanErrors<Of extends CommandUnknownOpts>(command: Of): Of {
  command.configureOutput({ writeErr: (text) => void process.stderr.write(printable(mask(text))) });
  return command;
}

function inherit(command: CommandUnknownOpts, whole: () => CommandUnknownOpts): void {
  command.configureOutput({ outputError: (text, write) => write(explainUnknownOption(whole(), command, text)) });
  cleanErrors(command).exitOverride().showHelpAfterError('(add --help to see what there is)');
  for (const below of command.commands) inherit(below, whole);
}
