import { createHash } from 'node:crypto';
import { evidencePage } from './evidence-page.ts';
import { requirements } from './frameworks.ts';
import type { Evidence } from './gather.ts';

/** The files of a folder of evidence by their names, the digests of all others last. */
export function evidenceFiles(evidence: Evidence): Map<string, string> {
  const { sources } = evidence;
  const files = new Map<string, string>([
    ['evidence.html', evidencePage(evidence)],
    ['evidence.json', `${JSON.stringify({ format: 1, ...evidence, requirements }, null, 2)}\n`],
    [
      'runs.csv',
      csv(
        sources.flatMap(({ runs }) => runs),
        runColumns,
      ),
    ],
    [
      'drills.csv',
      csv(
        sources.flatMap(({ drills }) => drills),
        drillColumns,
      ),
    ],
    [
      'exceptions.csv',
      csv(
        sources.flatMap(({ exceptions }) =>
          // Holdfast knows no one who could acknowledge them: people write that in.
          exceptions.map((one) => ({ ...one, acknowledged_by: '', acknowledged_on: '' })),
        ),
        ['source', 'when', 'what', 'item', 'why', 'acknowledged_by', 'acknowledged_on'],
      ),
    ],
    [
      'items.csv',
      csv(
        sources.flatMap(({ source, items }) =>
          items.map(({ newest, checked, verdict, ...item }) => ({
            source,
            ...item,
            newest: newest.toISOString(),
            verdict: verdict ?? 'never checked',
            checked: checked?.toISOString() ?? '',
          })),
        ),
        ['source', 'address', 'snapshots', 'bytes', 'newest', 'verdict', 'checked'],
      ),
    ],
  ]);
  const digests = [...files].map(([name, text]) => `${createHash('sha256').update(text).digest('hex')}  ${name}\n`);
  return files.set('SHA256SUMS', digests.join(''));
}

const runColumns = [
  'source',
  'run',
  'result',
  'listed',
  'stored',
  'unchanged',
  'skipped',
  'failed',
  'bytes',
  'started',
  'finished',
  'rpo',
  'rpoMeasured',
  'rpoMissed',
  'rto',
  'rtoMeasured',
  'report',
  'sha256',
] as const;

const drillColumns = [
  'source',
  'how',
  'started',
  'finished',
  'intact',
  'damaged',
  'notDrilled',
  'bytes',
  'chainProblems',
  'unfinished',
  'record',
  'sha256',
] as const;

/** By RFC 4180, with a line of names. */
function csv<const Column extends string>(
  rows: readonly Readonly<Record<Column, string | number | undefined>>[],
  columns: readonly Column[],
): string {
  const lines = rows.map((row) => columns.map((column) => cell(row[column])));
  return [columns, ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

function cell(value: string | number | undefined): string {
  if (typeof value === 'number') return `${value}`;
  const text = value ?? '';
  // A spreadsheet runs what begins so as a formula: https://owasp.org/www-community/attacks/CSV_Injection
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
