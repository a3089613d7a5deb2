import { withDeployment } from '../../deployment-option.ts';
import { perform, vaultVerb, type FlagsOf } from '../../verb.ts';

export const showCommand = withDeployment(vaultVerb('show'))
  .description("show one item's snapshots, sizes, and refs or assets")
  .argument('<item>', 'for instance github/acme/website, or efs/files')
  .option('--snapshot <id>', 'show the refs of this snapshot instead of the newest')
  .option('--refs', 'show all refs, however many', false);

export type ShowFlags = FlagsOf<typeof showCommand>;

showCommand.action((item, flags, command) =>
  perform(command, flags, async (context) => (await import('./show.ts')).show(context, flags, item), 'prints'),
);
