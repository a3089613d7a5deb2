import { withDeployment } from '../../deployment-option.ts';
import { examples } from '../../help.ts';
import { wholeNumber } from '../../option-values.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const verifyOptions = () =>
  withDeployment(vaultVerb('verify'))
    .description('read everything stored and compare it with its digests')
    .argument(
      '[item]',
      'only this item and all below it; with --chain a source; efs/<name>: a snapshot of a file system, on an instance in AWS',
    )
    .option('--concurrency <n>', 'how many snapshots at once', wholeNumber, 4)
    .option(
      '--snapshot <id>',
      'only this snapshot, or the newest whose id starts with this; EFS: instead of the newest',
    )
    .option('--chain', 'compare with the chain of reports alone: what is missing, changed, added or put back', false)
    .option('--root <sha256>', 'as a notification or an earlier verification named it: it must be in the chain')
    .optionsGroup('EFS:')
    .option('--no-follow', 'do not wait for its end')
    .addHelpText(
      'after',
      examples(['holdfast verify', 'the whole vault'], ['holdfast verify github/acme', 'all of one owner']),
    );

export type VerifyFlags = FlagsOf<typeof verifyOptions>;
