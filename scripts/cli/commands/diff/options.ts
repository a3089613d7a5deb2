import { endOfTime } from '../../at-time.ts';
import { examples } from '../../help.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const diffOptions = () =>
  vaultVerb('diff')
    .description('what changed between two snapshots of an item')
    .argument('<item>', 'for instance github/acme/website')
    .option(
      '--from <id>',
      'the earlier snapshot, or the newest whose id starts with this; without it, the one before --to',
    )
    .option('--to <id>', 'the later snapshot, or the newest whose id starts with this; without it, the newest')
    .option(
      '--at <time>',
      'in place of --to: the newest snapshot that is not later: 2026-03, 2026-03-14, 2026-03-14T09:30 (UTC)',
      endOfTime,
    )
    .option('--files', 'repositories: also the files that differ between the two states of HEAD', false)
    .option('--ref <name>', 'with --files: of this branch or tag instead of HEAD')
    .addHelpText(
      'after',
      examples(['holdfast diff github/acme/website --from 2026-10 --files', 'since the last snapshot of October']),
    );

export type DiffFlags = FlagsOf<typeof diffOptions>;
