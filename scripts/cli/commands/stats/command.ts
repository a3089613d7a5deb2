import { examples } from '../../help.ts';
import { perform, vaultVerb } from '../../verb.ts';

export const statsCommand = () =>
  vaultVerb('stats')
    .description('how much a vault holds, by source, and its largest items')
    .argument('[source]', 'only this source: github, git, …')
    .addHelpText(
      'after',
      examples(['holdfast stats --vault s3://my-bucket/backups', 'how large a bucket has become, and by what']),
    )
    .action((source, flags, command) =>
      perform(command, flags, async (context) => (await import('./stats.ts')).stats(context, source), 'prints'),
    );
