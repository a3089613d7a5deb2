import { examples } from '../../help.ts';
import { staleAfter } from '../../stale-after.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const statusOptions = () =>
  vaultVerb('status')
    .description('what is protected, how fresh, when it was proven, and what keeps failing')
    .argument('[source]', 'only this source: github, git, …')
    .addOption(staleAfter())
    .option(
      '--prometheus',
      'print metrics for Prometheus instead, as for the textfile collector of its node exporter',
      false,
    )
    .addHelpText(
      'after',
      examples(['holdfast status --stale-after 24 || mail …', 'exit code 3 where something is stale or fails']),
    );

export type StatusFlags = FlagsOf<typeof statusOptions>;
