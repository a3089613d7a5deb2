import { examples } from '../../help.ts';
import { atMoment, atRef, inSnapshot } from '../../moment-options.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const catOptions = () =>
  vaultVerb('cat')
    .description('print a file of a snapshot, an asset of a package, or an issue with its thread, without restoring it')
    .argument('<item>', 'for instance github/acme/website')
    .argument('<path>', 'the file, from the top of the tree; the name of the asset; a record: issues/17')
    .addOption(inSnapshot())
    .addOption(atMoment())
    .addOption(atRef())
    .addHelpText(
      'after',
      examples(
        ['holdfast cat github/acme/website README.md --snapshot 2026-03', 'as it was at the end of March'],
        ['holdfast cat github/acme/website/issues issues/17 --at 2026-03', 'what the issue and its thread said then'],
      ),
    );

export type CatFlags = FlagsOf<typeof catOptions>;
