import type { CommandUnknownOpts } from '@commander-js/extra-typings';

/**
 * Adds to the refusal of an option what it is for, where another verb has it.
 * @param program with all its verbs
 * @param text what commander says
 */
export function explainUnknownOption(program: CommandUnknownOpts, command: CommandUnknownOpts, text: string): string {
  const flag = /unknown option '(--[\w-]+)'/.exec(text)?.[1];
  if (flag === undefined) return text;
  const verbs = verbsOf(program).filter(({ hidden }) => !hidden);
  const having = verbs.flatMap(({ name, command: verb }) => {
    const option = verb.options.find(({ long }) => long === flag);
    return option ? [{ name, description: option.description }] : [];
  });
  const [first] = having;
  if (!first) return text;
  const names = having.map(({ name }) => name).join(', ');
  return `${text.trimEnd()}\n  ${flag} does not apply to ${command.name()}. It is an option of ${names}: ${first.description}.\n`;
}

interface NamedVerb {
  name: string;
  command: CommandUnknownOpts;
  hidden: boolean;
}

function verbsOf(command: CommandUnknownOpts, path: readonly string[] = []): NamedVerb[] {
  const visible = new Set(command.createHelp().visibleCommands(command));
  return command.commands.flatMap((below) => {
    const name = [...path, below.name()];
    return [{ name: name.join(' '), command: below, hidden: !visible.has(below) }, ...verbsOf(below, name)];
  });
}
