/**
 * Prints the tables of docs/cost.md: what a deployment costs a month.
 *
 *     node --import tsx scripts/cost.ts                    with the prices and assumptions below
 *     node --import tsx scripts/cost.ts --with mine.json   with others: {"prices": {…}, "assumptions": {…}}
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { listPrices } from './list-prices.ts';

const listAssumptions = {
  /** The repositories. */
  fullMb: 50,
  changedShare: { monthly: 0.25, daily: 0.05 },
  incrementMb: { monthly: 2, daily: 0.5 },
  /** Above 10 GB, so that each run takes them in CodeBuild. */
  tooLargeShare: 1 / 2000,
  tooLargeMinutes: 10,
  /** The function, measured at 512 MB: 1.9 s to start and ask, then what the network gives. */
  lambdaGb: 0.5,
  startSeconds: 1.9,
  secondsPerMb: 0.05,
  /** A new full snapshot is taken after so many, or when the increments outweigh it. */
  longestChain: 30,
  partMb: 5.24,
  /** Counted: requests for a repository that has not changed, report included. */
  writesPerItem: 4,
  readsPerItem: 2,
  transitionsPerItem: 3,
  transitionsPerRun: 12,
  manifestKb: 1.5,
  logKbPerItem: 2,
  /** S3 asks KMS once for many objects, by its bucket key. */
  objectsPerKmsRequest: 100,
  transitionDays: 90,
  /** After how many months the bill is looked at. */
  months: 12,
  logMonths: 3,
  keys: 2,
  alarmMetrics: 6,
  reportMetrics: 7,
  /** CodeBuild for everything. */
  buildStartSeconds: 40,
  clonedSecondsPerMb: 0.13 + 0.02,
  streamedStartSeconds: 0.5,
  streamsAtOnce: 4,
};

type Schedule = 'monthly' | 'daily';
const runsAMonth = { monthly: 1, daily: 365 / 12 };
const fleets = [10, 1_000, 100_000];

const { values } = parseArgs({ options: { with: { type: 'string' } } });
const given =
  values.with === undefined ? {} : (JSON.parse(readFileSync(values.with, 'utf8')) as Record<string, object>);
const price = { ...listPrices, ...given['prices'] };
const assume = { ...listAssumptions, ...given['assumptions'] };

/** What a month of a schedule is made of, for one repository on average. */
function perRepository(schedule: Schedule) {
  const runs = runsAMonth[schedule];
  const changed = runs * assume.changedShare[schedule];
  const increment = assume.incrementMb[schedule];
  const chain = Math.min(assume.longestChain, assume.fullMb / increment);
  return { runs, changed, increment, fulls: changed / chain };
}

/** One line of a table: what, and the dollars for each fleet. */
type Row = [what: string, dollars: number[]];

function deployed(schedule: Schedule): Row[] {
  const { runs, changed, increment, fulls } = perRepository(schedule);
  const megabytes = changed * increment + fulls * assume.fullMb;
  const seconds = runs * assume.startSeconds + megabytes * assume.secondsPerMb;
  const parts = fulls * (assume.fullMb / assume.partMb + 2) + (changed - fulls);
  const writes = runs * assume.writesPerItem + parts;
  const lines: [string, (repositories: number) => number][] = [
    ['Lambda', (n) => n * (seconds * assume.lambdaGb * price.lambdaGbSecond + runs * price.lambdaRequest)],
    [
      'Step Functions',
      (n) => runs * (n * assume.transitionsPerItem + assume.transitionsPerRun) * price.stateTransition,
    ],
    ['CodeBuild, above 10 GB', (n) => n * assume.tooLargeShare * runs * assume.tooLargeMinutes * price.buildMinute],
    ['S3 requests', (n) => n * (writes * price.s3Write + runs * assume.readsPerItem * price.s3Read) + listing(n, runs)],
    ['S3 storage', (n) => n * storage(schedule)],
    [
      'KMS',
      (n) => assume.keys * price.kmsKeyMonth + n * (runs + writes / assume.objectsPerKmsRequest) * price.kmsRequest,
    ],
    ['Secrets Manager', (n) => price.secretMonth + n * runs * price.secretRequest],
    ['Logs and traces', (n) => n * runs * observed()],
    ['Alarms, metrics, dashboard', () => watched(runs)],
  ];
  return lines.map(([what, dollars]) => [what, fleets.map(dollars)]);
}

/** Retention lists everything that the vault holds, a thousand keys a request. */
function listing(repositories: number, runs: number): number {
  return ((repositories * runs * assume.months) / 1000) * runs * price.s3Write;
}

/** A repository's storage, in the month that is looked at. Only what is larger than 1 MiB becomes cheaper with age. */
function storage(schedule: Schedule): number {
  const { runs, changed, increment, fulls } = perRepository(schedule);
  const { months } = assume;
  const old = Math.max(0, months - assume.transitionDays / 30);
  const oldMb =
    (old > 0 ? assume.fullMb : 0) + old * (fulls * assume.fullMb + (increment > 1.05 ? changed * increment : 0));
  const allMb = assume.fullMb + months * (fulls * assume.fullMb + changed * increment);
  const manifestsMb = (months * runs * assume.manifestKb) / 1000;
  const moved = fulls + (increment > 1.05 ? changed : 0);
  return (
    (oldMb / 1000) * price.s3GlacierIrGbMonth +
    ((allMb - oldMb + manifestsMb) / 1000) * price.s3StandardGbMonth +
    moved * price.s3Transition
  );
}

function observed(): number {
  const gigabytes = assume.logKbPerItem / 1e6;
  return gigabytes * (price.logGb + assume.logMonths * price.logGbMonth) + price.traceMillion / 1e6;
}

/** A metric costs for the hours in which it has values: those of reports, and those of two checks a day. */
function watched(runs: number): number {
  const hours = assume.reportMetrics * runs + 2 * (365 / 12);
  return assume.alarmMetrics * price.alarmMetricMonth + (hours / 730) * price.customMetricMonth + price.dashboardMonth;
}

/** The same backups with CodeBuild alone. */
function built(schedule: Schedule): Row[] {
  const { runs, changed, increment, fulls } = perRepository(schedule);
  const streamed = (changed * increment + fulls * assume.fullMb) * assume.secondsPerMb;
  // Minutes are begun and paid.
  const own = runs * Math.ceil((assume.buildStartSeconds + streamed / runs) / 60);
  const together = (runs * assume.streamedStartSeconds + streamed) / assume.streamsAtOnce / 60;
  const cloned = (runs * assume.fullMb * assume.clonedSecondsPerMb) / 60;
  const { months } = assume;
  const young = Math.min(months, assume.transitionDays / 30);
  const copiesGb = (runs * assume.fullMb) / 1000;
  const copies =
    copiesGb * (young * price.s3StandardGbMonth + (months - young) * price.s3GlacierIrGbMonth) +
    runs * (price.s3Transition + (assume.fullMb / assume.partMb + 2) * price.s3Write);
  const minutes = (perItem: number) => fleets.map((n) => n * perItem * price.buildMinute);
  return [
    ['Holdfast, a build for each repository: builds', minutes(own)],
    ['Holdfast, one build for all: builds', minutes(together)],
    ['Clone and tar, one build for all: builds', minutes(cloned)],
    ['Clone and tar: storage of a whole copy each time', fleets.map((n) => n * copies)],
  ];
}

function beginning(): Row[] {
  const seconds = assume.startSeconds + assume.fullMb * assume.secondsPerMb;
  const writes = assume.writesPerItem + 1 + assume.fullMb / assume.partMb + 2;
  const once = seconds * assume.lambdaGb * price.lambdaGbSecond + price.lambdaRequest + writes * price.s3Write;
  return [
    [
      'The first run: functions, states, requests',
      fleets.map((n) => n * (once + assume.transitionsPerItem * price.stateTransition)),
    ],
    [
      'Storage in each of the first three months',
      fleets.map((n) => n * (assume.fullMb / 1000) * price.s3StandardGbMonth),
    ],
    [
      'Reading everything once after that: a drill of all',
      fleets.map((n) => n * (assume.fullMb / 1000) * price.s3GlacierIrReadGb),
    ],
  ];
}

function table(title: string, rows: Row[], sum: boolean): string {
  const all: Row[] = sum ? [...rows, ['**Together**', fleets.map((_, at) => total(rows, at))]] : rows;
  const cells = [
    [title, ...fleets.map((n) => `${n.toLocaleString('en')} repositories`)],
    ...all.map(([what, dollars]) => [what, ...dollars.map(money)]),
  ];
  const widths = [title, ...fleets].map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(cells[0] ?? []), rule, ...cells.slice(1).map(line)].join('\n');
}

function total(rows: Row[], at: number): number {
  return rows.reduce((sum, [, dollars]) => sum + (dollars[at] ?? 0), 0);
}

function money(dollars: number): string {
  if (dollars < 0.005) return dollars === 0 ? '0' : '< 0.01';
  return dollars >= 100 ? Math.round(dollars).toLocaleString('en') : dollars.toFixed(2);
}

const tables = [
  table('Monthly runs', deployed('monthly'), true),
  table('Daily runs', deployed('daily'), true),
  table('Monthly runs in CodeBuild', built('monthly'), false),
  table('Daily runs in CodeBuild', built('daily'), false),
  table('Beside the month', beginning(), false),
];
process.stdout.write(`${tables.join('\n\n')}\n`);
