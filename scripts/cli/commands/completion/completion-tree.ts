import { Help, type CommandUnknownOpts } from '@commander-js/extra-typings';

/** A command as a shell completes it. */
export interface CompletionNode {
  /** The words that lead to it, without the program's name: empty for the program itself. */
  words: readonly string[];
  commands: { name: string; description: string }[];
  options: CompletionOption[];
  /** What its first operand can be, where that is a choice. */
  operands: readonly string[];
}

export interface CompletionOption {
  /** `--vault`. */
  flag: string;
  description: string;
  takesValue: boolean;
  /** All values that it takes, where they are few. */
  choices: readonly string[];
}

/** The program and all commands below it that its help shows. */
export function completionTree(command: CommandUnknownOpts, words: readonly string[] = []): CompletionNode[] {
  const help = new Help();
  const commands = help.visibleCommands(command).filter((below) => below.name() !== 'help');
  const node: CompletionNode = {
    words,
    commands: commands.map((below) => ({ name: below.name(), description: below.description() })),
    options: help.visibleOptions(command).flatMap((option) =>
      option.long === undefined
        ? []
        : [
            {
              flag: option.long,
              description: option.description,
              takesValue: option.required || option.optional,
              choices: option.argChoices ?? [],
            },
          ],
    ),
    operands: command.registeredArguments[0]?.argChoices ?? [],
  };
  return [node, ...commands.flatMap((below) => completionTree(below, [...words, below.name()]))];
}
