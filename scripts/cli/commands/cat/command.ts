import { examples } from '../../help.ts';
import { perform, vaultVerb, type FlagsOf } from '../../verb.ts';

export const catCommand = vaultVerb('cat')
  .description('print a file of a snapshot, or an asset of a package, without restoring it')
  .argument('<item>', 'for instance github/acme/website')
  .argument('<path>', 'the file, from the top of the tree; the name of the asset')
  .option('--snapshot <id>', 'in this snapshot, or the newest whose id begins so (2026-11); without it, the newest')
  .option('--ref <name>', 'at this branch, tag or commit; without it, at HEAD')
  .addHelpText(
    'after',
    examples(['holdfast cat github/acme/website README.md --snapshot 2026-03', 'as it was at the end of March']),
  );

export type CatFlags = FlagsOf<typeof catCommand>;

catCommand.action((item, path, flags, command) =>
  perform(command, flags, async (context) => (await import('./cat.ts')).cat(context, flags, item, path), 'prints'),
);
