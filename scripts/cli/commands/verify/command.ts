import { withDeployment } from '../../deployment-option.ts';
import { wholeNumber } from '../../option-values.ts';
import { perform, vaultVerb, type FlagsOf } from '../../verb.ts';

export const verifyCommand = withDeployment(vaultVerb('verify'))
  .description('read everything stored and compare it with its digests')
  .argument('[item]', 'only this item and all below it; efs/<name>: a snapshot of a file system, on an instance in AWS')
  .option('--concurrency <n>', 'how many snapshots at once', wholeNumber, 4)
  .option('--snapshot <id>', 'only this snapshot, or the newest whose id begins so; EFS: instead of the newest')
  .optionsGroup('EFS:')
  .option('--no-follow', 'do not wait for its end');

export type VerifyFlags = FlagsOf<typeof verifyCommand>;

verifyCommand.action((item, flags, command) =>
  perform(command, flags, async (context) => (await import('./verify.ts')).verify(context, flags, item), 'checks'),
);
