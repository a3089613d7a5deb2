import { withDeployment } from '../../deployment-option.ts';
import { examples } from '../../help.ts';
import { staleAfter } from '../../stale-after.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const listOptions = () =>
  withDeployment(vaultVerb('list'))
    .description('list what the vault holds')
    .argument('[source]', 'only this source: github, git, …; efs: the file systems of a deployment')
    .option('--restore-time', 'how long a restore of each takes, by what its drills took', false)
    .addOption(staleAfter())
    .addHelpText(
      'after',
      examples(
        ['holdfast list', 'everything in the folder vault'],
        ['holdfast list github --vault s3://my-bucket/backups', 'one source, in a bucket'],
      ),
    );

export type ListFlags = FlagsOf<typeof listOptions>;
