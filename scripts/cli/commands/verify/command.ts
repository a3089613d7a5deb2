import { withDeployment } from '../../deployment-option.ts';
import { wholeNumber } from '../../option-values.ts';
import { perform, vaultVerb, type FlagsOf } from '../../verb.ts';

export const verifyCommand = withDeployment(vaultVerb('verify'))
  .description('read everything stored and compare it with its digests')
  .argument('[item]', 'only this item; efs/<name>: a snapshot of a file system, on an instance in AWS')
  .option('--concurrency <n>', 'how many snapshots at once', wholeNumber, 4)
  .optionsGroup('EFS:')
  .option('--snapshot <id>', 'this snapshot instead of the newest')
  .option('--no-follow', 'do not wait for its end');

export type VerifyFlags = FlagsOf<typeof verifyCommand>;

verifyCommand.action((item, flags) =>
  perform(flags, async (context) => (await import('./verify.ts')).verify(context, flags, item)),
);
