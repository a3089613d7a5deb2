import { examples } from '../../help.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const evidenceOptions = () =>
  vaultVerb('evidence')
    .description('write a folder for an auditor: scope, runs, drills, exceptions, and how the vault is protected')
    .argument('[source]', 'only this source: github, git, …')
    .option('--from <date>', 'the first day, as 2026-01-31; by default a year before the last')
    .option('--to <date>', 'the last day; by default today')
    .option('--folder <folder>', 'where to write it; by default evidence-<from>-<to>')
    .addHelpText(
      'after',
      examples(['holdfast evidence --from 2026-01-01 --to 2026-06-30', 'the first half of a year, for an audit']),
    );

export type EvidenceFlags = FlagsOf<typeof evidenceOptions>;
