import { examples } from '../../help.ts';
import { wholeNumber } from '../../option-values.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const findOptions = () =>
  vaultVerb('find')
    .description('search the stored records: issues, comments, reviews, discussions, releases')
    .argument('<words>', 'all of them must be in a record; letter case does not count')
    .argument('[item]', 'only here, for instance github/acme/website/issues; without it, in every dataset')
    .option('--limit <n>', 'at most so many', wholeNumber, 50)
    .addHelpText(
      'after',
      examples(['holdfast find "payment timeout"', 'wherever it was discussed, also what was deleted']),
    );

export type FindFlags = FlagsOf<typeof findOptions>;
