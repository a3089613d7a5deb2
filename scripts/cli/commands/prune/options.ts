import { examples } from '../../help.ts';
import { wholeNumber, wholeNumberOrZero } from '../../option-values.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const pruneOptions = () =>
  vaultVerb('prune')
    .description('remove what killed backups left behind and, with --keep-…, older snapshots')
    .argument('[item]', 'only this item and all below it')
    .option(
      '--leftovers-older-than <days>',
      'when a backup that has not ended counts as killed; 0 only while none is running',
      wholeNumberOrZero,
      7,
    )
    .option('--dry-run', 'only show what would be removed', false)
    .option('--reasons', 'show for each snapshot that stays which rule keeps it, as --dry-run does', false)
    .optionsGroup('Which snapshots stay:')
    .option('--keep-last <n>', 'keep the newest of each item (3, where another --keep-… is given)', wholeNumber)
    .option('--keep-days <n>', 'keep everything younger', wholeNumber)
    .option('--keep-daily <n>', 'keep the newest of each of so many days', wholeNumber)
    .option('--keep-weekly <n>', 'keep the newest of each of so many weeks', wholeNumber)
    .option('--keep-monthly <n>', 'keep the newest of each of so many months', wholeNumber)
    .option('--keep-yearly <n>', 'keep the newest of each of so many years', wholeNumber)
    .option(
      '--keep-verified <n>',
      'keep the newest that a drill or verify has proven (3, where another --keep-… is given)',
      wholeNumber,
    )
    .addHelpText(
      'after',
      examples([
        'holdfast prune --keep-daily 7 --keep-weekly 5 --dry-run',
        'what a policy would remove, and why the rest stays',
      ]),
    );

export type PruneFlags = FlagsOf<typeof pruneOptions>;
