import { severityOf, type ItemChanges } from './changes-since.ts';
import { linkHours } from './html/link-hours.ts';
import { itemsMissingRpo, keptObjectives } from './measured-objectives.ts';
import type { Report } from './report.ts';

/** As many failed items as a person reads; the report has them all. */
const mostNamed = 20;

/**
 * The notification of a run: a subject line of at most 100 ASCII characters, as SNS demands, and a text.
 * @param more.root the digest of the report as it is stored: out of the vault's reach it shows later whether that was put back
 * @param more.page a link to the page for people
 * @param more.changes since the run before
 */
export function messageAbout(
  report: Report,
  vault: string,
  key: string,
  { root, page, changes }: { root: string; page?: string | undefined; changes?: ItemChanges | undefined },
): { subject: string; text: string } {
  const { listed, stored, unchanged, skipped, failed } = report.coverage;
  const { level, why } = severityOf(report);
  const lines = [
    `${headline(report)}.`,
    '',
    `${listed} listed = ${stored} stored + ${unchanged} unchanged + ${skipped} skipped + ${failed} failed`,
    `Severity ${level}: ${why}`,
    ...objectives(report),
    `Run ${report.run}, from ${report.started} to ${report.finished}`,
    `Vault ${vault}`,
    `Report ${vault.replace(/\/$/, '')}/${key}`,
    ...(page === undefined
      ? []
      : [
          `Page for people, for up to ${linkHours} hours from now; anyone who has this address may read it: ${page}`,
          'Later: holdfast report --html report.html makes it again.',
        ]),
    ...(report.chain === undefined
      ? []
      : [
          `Root ${root}, over ${report.chain.snapshots} snapshots. Keep it out of the vault's reach: holdfast verify ${report.source} --chain --root ${root} tells whether anything of them was changed, removed or put back since.`,
        ]),
    ...(report.error
      ? [
          '',
          `Reason: ${report.error.code}: ${report.error.message}`,
          ...(report.error.advice === undefined ? [] : [report.error.advice]),
        ]
      : []),
    ...(changes ? changed(changes) : []),
    ...failures(report),
    ...incomplete(report),
    ...notes(report),
  ];
  return { subject: headline(report).slice(0, 100), text: `${lines.join('\n')}\n` };
}

function headline({ source, result, coverage, items }: Report): string {
  switch (result) {
    case 'complete':
      return `Holdfast: the backup of ${source} is complete`;
    case 'partial':
      return `Holdfast: the backup of ${source} is PARTIAL, ${coverage.failed} of ${coverage.listed} failed${incompleteCount(items)}`;
    case 'failed':
      return `Holdfast: the backup of ${source} FAILED`;
    case 'interrupted':
      return `Holdfast: the backup of ${source} was stopped`;
  }
}

function objectives({ objectives: measured }: Report): string[] {
  if (!measured) return [];
  return [...keptObjectives(measured), ...itemsMissingRpo(measured, mostNamed).map((line) => `- ${line}`)];
}

function changed({ run, failing, recovered, appeared, gone }: ItemChanges): string[] {
  const named = (what: string, all: readonly string[]): string[] => {
    const more = all.length > mostNamed ? [`- ${what}: ${all.length - mostNamed} more`] : [];
    return [...all.slice(0, mostNamed).map((one) => `- ${what}: ${one}`), ...more];
  };
  const lines = [
    ...named('fails now', failing),
    ...named('is backed up again', recovered),
    ...named('is new', appeared),
    ...named('is no longer listed, and its snapshots are kept', gone),
  ];
  if (lines.length === 0) return ['', `Since the run ${run}: no item fares otherwise`];
  return ['', `Since the run ${run}:`, ...lines];
}

function incompleteCount(items: Report['items']): string {
  const number = items.filter((item) => 'incomplete' in item).length;
  return number === 0 ? '' : `, ${number} incomplete`;
}

function incomplete({ items }: Report): string[] {
  const found = items.flatMap((item) => ('incomplete' in item ? [`- ${item.item.name}: ${item.incomplete}`] : []));
  if (found.length === 0) return [];
  const more = found.length > mostNamed ? [`- and ${found.length - mostNamed} more, in the report`] : [];
  return ['', 'Backed up in part:', ...found.slice(0, mostNamed), ...more];
}

function failures({ items }: Report): string[] {
  const failed = items.flatMap((item) =>
    item.outcome === 'failed' ? [`- ${item.item.name}: ${item.code}: ${item.message}`] : [],
  );
  if (failed.length === 0) return [];
  const more = failed.length > mostNamed ? [`- and ${failed.length - mostNamed} more, in the report`] : [];
  return ['', 'Not backed up; earlier snapshots of these are kept:', ...failed.slice(0, mostNamed), ...more];
}

function notes({ warnings, items }: Report): string[] {
  const ofItems = items.flatMap((item) =>
    'warnings' in item ? item.warnings.map((warning) => `${item.item.name}: ${warning}`) : [],
  );
  const all = [...warnings, ...ofItems].map((note) => `- ${note}`);
  if (all.length === 0) return [];
  const more = all.length > mostNamed ? [`- and ${all.length - mostNamed} more, in the report`] : [];
  return ['', 'Worth a look:', ...all.slice(0, mostNamed), ...more];
}
