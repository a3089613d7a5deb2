import { withDeployment } from '../../deployment-option.ts';
import { perform, verb, type FlagsOf } from '../../verb.ts';

export const runCommand = withDeployment(verb('run'))
  .description('start the deployed backup of a source now, and follow it')
  .argument('<source>', 'github, codecommit, codeartifact, or efs/<name>')
  .option('--no-follow', 'do not wait for its end');

export type RunFlags = FlagsOf<typeof runCommand>;

runCommand.action((source, flags, command) =>
  perform(command, flags, async (context) => (await import('./run.ts')).run(context, flags, source), 'checks'),
);
