import { endOfTime } from '../../at-time.ts';
import { examples } from '../../help.ts';
import { perform, vaultVerb, type FlagsOf } from '../../verb.ts';

export const catCommand = vaultVerb('cat')
  .description('print a file of a snapshot, an asset of a package, or an issue with its thread, without restoring it')
  .argument('<item>', 'for instance github/acme/website')
  .argument('<path>', 'the file, from the top of the tree; the name of the asset; a record: issues/17')
  .option(
    '--snapshot <id>',
    'in this snapshot, or the newest whose id starts with this (2026-11); without it, the newest',
  )
  .option(
    '--at <time>',
    'in the newest snapshot that is not later: 2026-03, 2026-03-14, 2026-03-14T09:30 (UTC)',
    endOfTime,
  )
  .option('--ref <name>', 'at this branch, tag or commit; without it, at HEAD')
  .addHelpText(
    'after',
    examples(
      ['holdfast cat github/acme/website README.md --snapshot 2026-03', 'as it was at the end of March'],
      ['holdfast cat github/acme/website/issues issues/17 --at 2026-03', 'what the issue and its thread said then'],
    ),
  );

export type CatFlags = FlagsOf<typeof catCommand>;

catCommand.action((item, path, flags, command) =>
  perform(command, flags, async (context) => (await import('./cat.ts')).cat(context, flags, item, path), 'prints'),
);
