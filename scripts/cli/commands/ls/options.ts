import { examples } from '../../help.ts';
import { atMoment, atRef, inSnapshot } from '../../moment-options.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const lsOptions = () =>
  vaultVerb('ls')
    .description("list a snapshot's files, or a package's assets, without restoring it")
    .argument('<item>', 'for instance github/acme/website')
    .argument('[path]', 'a folder or file; without it, the top folder')
    .addOption(inSnapshot())
    .addOption(atMoment())
    .addOption(atRef())
    .option('--recursive', 'also what folders below hold', false)
    .addHelpText('after', examples(['holdfast ls github/acme/website docs --ref v2.1', 'a folder of a tag']));

export type LsFlags = FlagsOf<typeof lsOptions>;
