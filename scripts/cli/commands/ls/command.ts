import { endOfTime } from '../../at-time.ts';
import { examples } from '../../help.ts';
import { perform, vaultVerb, type FlagsOf } from '../../verb.ts';

export const lsCommand = vaultVerb('ls')
  .description("list a snapshot's files, or a package's assets, without restoring it")
  .argument('<item>', 'for instance github/acme/website')
  .argument('[path]', 'a folder or file; without it, the top folder')
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
  .option('--recursive', 'also what folders below hold', false)
  .addHelpText('after', examples(['holdfast ls github/acme/website docs --ref v2.1', 'a folder of a tag']));

export type LsFlags = FlagsOf<typeof lsCommand>;

lsCommand.action((item, path, flags, command) =>
  perform(command, flags, async (context) => (await import('./ls.ts')).ls(context, flags, item, path), 'prints'),
);
