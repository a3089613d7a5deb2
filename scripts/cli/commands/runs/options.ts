import { examples } from '../../help.ts';
import { wholeNumber } from '../../option-values.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const runsOptions = () =>
  vaultVerb('runs')
    .description('list the runs whose reports the vault holds, newest last')
    .argument('[source]', 'only this source: github, git, …')
    .option('--last <n>', 'so many of each source', wholeNumber, 10)
    .addHelpText('after', examples(['holdfast runs github --last 30', 'a month of nightly runs']));

export type RunsFlags = FlagsOf<typeof runsOptions>;
