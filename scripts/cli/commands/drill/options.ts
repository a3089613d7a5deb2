import { examples } from '../../help.ts';
import { wholeNumber } from '../../option-values.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const drillOptions = () =>
  vaultVerb('drill')
    .description('prove that snapshots restore, by restoring them')
    .argument('[item]', 'only this item and all below it; without it, the newest snapshot of every item')
    .option('--snapshot <id>', 'this snapshot instead of the newest')
    .option('--all', 'every snapshot, not only the newest', false)
    .option('--concurrency <n>', 'how many snapshots at once', wholeNumber, 2)
    .addHelpText(
      'after',
      examples(
        ['holdfast drill', 'the newest snapshot of every item'],
        ['holdfast drill github/acme/website --all', 'every snapshot of one repository'],
      ),
    );

export type DrillFlags = FlagsOf<typeof drillOptions>;
