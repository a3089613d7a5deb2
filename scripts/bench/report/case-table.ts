import type { CaseResult } from '../cases/case-result.ts';
import { summarise } from './summary.ts';
import { table } from './table.ts';
import { megabytes, seconds, times } from './units.ts';

const titles: Record<CaseResult['case'], string> = {
  startup: 'Starting',
  full: 'Full backup',
  slow: 'Full backup into slow storage',
  incremental: 'Next backup',
  restore: 'Restore to a server',
  account: 'A first backup of a whole account',
  unchanged: 'An account in which nothing has changed',
  packages: 'A first backup of packages',
};

const head = ['', 'wall s', 'CPU s', 'peak MB', 'stored MB', 'written MB', 'left MB', '× wall', '× CPU'];

/** One part's figures as a table for people. The last two columns compare with the first row. */
export function caseTable(result: CaseResult): string {
  const { repository, notes } = result;
  const rows = result.rows.map(summarise);
  const [first] = rows;
  const cells = rows.map((row) => [
    row.name,
    seconds(row.wall),
    seconds(row.cpu),
    megabytes(row.peak),
    megabytes(row.stored),
    megabytes(row.written),
    megabytes(row.left),
    times(row.wall, first?.wall ?? NaN),
    times(row.cpu, first?.cpu ?? NaN),
  ]);
  const of = repository
    ? `: ${repository.name}, ${megabytes(repository.packBytes)} MB, ${repository.objects.toLocaleString('en')} objects, ${repository.refs.toLocaleString('en')} refs`
    : '';
  return [`${titles[result.case]}${of}`, table([head, ...cells]), ...notes.map((note) => `  ${note}`)].join('\n');
}
