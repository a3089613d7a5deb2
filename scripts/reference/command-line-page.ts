import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { commandLine } from '../cli/main.ts';

const introduction = `# The command line

Every command with all its options, as \`--help\` prints it. A checkout runs it by \`npx --no-install holdfast\`, a copy of
the one file by \`node holdfast.mjs\`. What \`--json\` prints is in [json-output.md](json-output.md). This page is made by
\`node --import tsx scripts/reference/write.ts\`.

Exit codes: 0 all well, 1 failed, 2 a usage error, 3 partial, 4 damage found, 130 stopped by Ctrl-C, 143 by SIGTERM.`;

/** Columns of the help: as many as fit a page of GitHub without scrolling. */
const width = 110;

/** The page that shows the help of every command that people use. */
export function commandLinePage(): string {
  const sections = visible(commandLine()).flatMap((command) => sectionsOf(command, '##'));
  return `${[introduction, ...sections].join('\n\n')}\n`;
}

function visible(parent: CommandUnknownOpts): CommandUnknownOpts[] {
  return parent
    .createHelp()
    .visibleCommands(parent)
    .filter((command) => parent.commands.includes(command));
}

function sectionsOf(command: CommandUnknownOpts, heading: string, path = ''): string[] {
  const name = `${path}${command.name()}`;
  const section = `${heading} \`${name}\`\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``;
  return [section, ...visible(command).flatMap((below) => sectionsOf(below, `${heading}#`, `${name} `))];
}

/** All that \`--help\` prints, with examples, which commander adds only as it prints. */
function helpOf(command: CommandUnknownOpts): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => width,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trim();
}
