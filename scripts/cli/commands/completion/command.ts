import { Argument, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { examples } from '../../help.ts';
import { perform, verb } from '../../verb.ts';

export const completionCommand = verb('completion')
  .description('print the completion of commands and options for a shell')
  .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish'] as const))
  .addHelpText(
    'after',
    examples(
      ['source <(holdfast completion bash)', 'in ~/.bashrc'],
      ['source <(holdfast completion zsh)', 'in ~/.zshrc, after compinit'],
      ['holdfast completion fish > ~/.config/fish/completions/holdfast.fish', 'once'],
    ),
  );

completionCommand.action((shell, flags, command) =>
  perform(flags, async ({ output }) => (await import('./completion.ts')).completion(output, shell, programOf(command))),
);

function programOf(command: CommandUnknownOpts): CommandUnknownOpts {
  return command.parent ? programOf(command.parent) : command;
}
