import { Argument, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { examples } from '../../help.ts';
import { perform, plainVerb } from '../../verb.ts';

export const completionCommand = () =>
  plainVerb('completion')
    .description('print the completion of commands and options for a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish'] as const))
    .addHelpText(
      'after',
      examples(
        ['source <(holdfast completion bash)', 'in ~/.bashrc'],
        ['source <(holdfast completion zsh)', 'in ~/.zshrc, after compinit'],
        ['holdfast completion fish > ~/.config/fish/completions/holdfast.fish', 'once'],
      ),
    )
    .action((shell, _flags, command) =>
      perform(
        command,
        { json: false, quiet: false, debug: false },
        async ({ output }) => (await import('./completion.ts')).completion(output, shell, programOf(command)),
        'prints',
      ),
    );

function programOf(command: CommandUnknownOpts): CommandUnknownOpts {
  return command.parent ? programOf(command.parent) : command;
}
