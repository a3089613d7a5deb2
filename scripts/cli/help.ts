import { Help, type Command, type OptionValues } from '@commander-js/extra-typings';

/** Of the options that every verb takes; it comes last. */
export const outputGroup = 'Output:';

/** Leaves defaults that say nothing out of the help (`(default: false)`, `(default: [])`), and puts its own options first. */
export function withHelp<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  const usual = new Help();
  return command.configureHelp({
    optionDescription(option) {
      const defaultValue: unknown = option.defaultValue;
      const silent = defaultValue === false || (Array.isArray(defaultValue) && defaultValue.length === 0);
      return silent ? option.description : usual.optionDescription(option);
    },
    groupItems(unsorted, visible, groupOf) {
      const groups = usual.groupItems(unsorted, visible, groupOf);
      const output = groups.get(outputGroup);
      if (!output) return groups;
      groups.delete(outputGroup);
      return groups.set(outputGroup, output);
    },
  });
}

/** Examples below the options: each a line of what it does and the command. */
export function examples(...lines: readonly (readonly [command: string, what: string])[]): string {
  return ['', 'Examples:', ...lines.flatMap(([command, what]) => [`  # ${what}`, `  ${command}`])].join('\n');
}
