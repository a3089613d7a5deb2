import { examples } from '../../help.ts';
import { withDeployment } from '../../deployment-option.ts';
import { verb, type FlagsOf } from '../../verb.ts';

export const runOptions = () =>
  withDeployment(verb('run'))
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

export type RunFlags = FlagsOf<typeof runOptions>;
