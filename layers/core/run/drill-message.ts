import { addressOf, parseSnapshotKey, type Source } from '#core/vault/layout.ts';
import type { DrillReport } from './scheduled-drill.ts';

/** As many findings as a person reads; the record has them all. */
const mostNamed = 20;

/**
 * What a person is told of a drill that did not go well: a subject line of at most 100 ASCII characters, as SNS demands,
 * and a text.
 * @param place where the record of the drill is
 */
export function drillMessage(source: Source, report: DrillReport, place: string): { subject: string; text: string } {
  const { snapshots, damaged, notDrilled, chain, unfinished } = report;
  const headline =
    damaged.length + chain.broken > 0
      ? `Holdfast: the drill of ${source} found DAMAGE`
      : `Holdfast: the drill of ${source} did not come to its end`;
  const lines = [
    `${headline}.`,
    '',
    `${snapshots.intact} snapshots restore, ${snapshots.damaged} are damaged, ${snapshots.notDrilled} could not be drilled`,
    `From ${report.started} to ${report.finished}`,
    `Record ${place}`,
    ...(unfinished === undefined ? [] : ['', `Not every snapshot had its turn: ${unfinished}`]),
    ...named(
      'Damaged; the next run stores these items again:',
      damaged.map(({ item, snapshot, problems }) => `${addressOf(item)} ${snapshot}: ${problems.join('; ')}`),
    ),
    ...named(
      'Does not agree with the chain of reports; holdfast verify has it in full:',
      chain.problems.map(({ what, key, why }) => `${what} ${nameOf(key)}: ${why}`),
    ),
    ...named(
      'Not drilled, and so not proven:',
      notDrilled.map(({ item, snapshot, why }) => `${addressOf(item)} ${snapshot}: ${why}`),
    ),
  ];
  return { subject: headline, text: `${lines.join('\n')}\n` };
}

function named(title: string, all: readonly string[]): string[] {
  if (all.length === 0) return [];
  const more = all.length > mostNamed ? [`- and ${all.length - mostNamed} more, in the record`] : [];
  return ['', title, ...all.slice(0, mostNamed).map((one) => `- ${one}`), ...more];
}

/** A snapshot as people name it; anything else by its key. */
export function nameOf(key: string): string {
  const place = parseSnapshotKey(key);
  return place ? `${addressOf(place.item)} ${place.snapshot}` : key;
}
