import { examples } from '../../help.ts';
import { withDeployment } from '../../deployment-option.ts';
import { perform, verb, type FlagsOf } from '../../verb.ts';

export const runCommand = withDeployment(verb('run'))
  .description('start the deployed backup of a source now and follow it, or do what a configuration file says')
  .argument('[source]', 'of a deployment: github, codecommit, codeartifact, or efs/<name>; without it, the file')
  .option('--no-follow', 'of a deployment: do not wait for its end')
  .option(
    '--config <file>',
    'without a deployment: the file that says what to back up, prune and drill',
    'holdfast.json',
  )
  .addHelpText(
    'after',
    examples(
      ['holdfast run github', 'the deployed backup of GitHub, now'],
      ['holdfast run', 'what holdfast.json in this folder says'],
    ),
  );

export type RunFlags = FlagsOf<typeof runCommand>;

runCommand.action((source, flags, command) =>
  perform(
    command,
    flags,
    async (context) =>
      source === undefined
        ? (await import('../../config/run-config.ts')).runConfig(context, flags, command.parent?.commands ?? [])
        : (await import('./run.ts')).run(context, flags, source),
    source === undefined ? 'starts' : 'checks',
  ),
);
