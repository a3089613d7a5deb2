import { withDeployment } from '../../deployment-option.ts';
import { examples } from '../../help.ts';
import { staleAfter } from '../../stale-after.ts';
import { perform, vaultVerb, type FlagsOf } from '../../verb.ts';

export const listCommand = withDeployment(vaultVerb('list'))
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

export type ListFlags = FlagsOf<typeof listCommand>;

listCommand.action((source, flags, command) =>
  perform(command, flags, async (context) => (await import('./list.ts')).list(context, flags, source), 'prints'),
);
