import { Option } from '@commander-js/extra-typings';
import { examples } from '../../help.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const exportOptions = () =>
  vaultVerb('export')
    .description('write the records of a dataset as files: issues, releases with their assets, settings')
    .argument('<item>', 'for instance github/acme/website/issues')
    .requiredOption('--to <folder>', 'a folder that is empty or not there yet')
    .addOption(
      new Option('--format <format>', 'json: laid out as python-github-backup does; markdown: pages to read')
        .choices(['json', 'markdown'] as const)
        .default('json' as const),
    )
    .option(
      '--snapshot <id>',
      'of this snapshot, or the newest whose id starts with this (2026-11); without it, the newest',
    )
    .option('--at <time>', 'of the newest snapshot that there was by then: 2026-03, 2026-03-14, 2026-03-14T09:30 (UTC)')
    .option('--deleted', 'also what was deleted at its source by then', false)
    .addHelpText(
      'after',
      examples(['holdfast export github/acme/website/issues --to issues --format markdown', 'a page for each issue']),
    );

export type ExportFlags = FlagsOf<typeof exportOptions>;
