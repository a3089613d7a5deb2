import { withDeployment } from '../../deployment-option.ts';
import { examples } from '../../help.ts';
import { atMoment } from '../../moment-options.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const showOptions = () =>
  withDeployment(vaultVerb('show'))
    .description("show one item's snapshots, sizes, and refs or assets")
    .argument('<item>', 'for instance github/acme/website, or efs/files')
    .option('--snapshot <id>', 'show the refs of this snapshot instead of the newest')
    .addOption(atMoment())
    .option('--refs', 'show all refs, however many', false)
    .addHelpText(
      'after',
      examples(
        ['holdfast show github/acme/website', 'its snapshots, and the refs of the newest'],
        ['holdfast show github/acme/website --snapshot 2026-11 --refs', 'all refs as they were in November'],
      ),
    );

export type ShowFlags = FlagsOf<typeof showOptions>;
