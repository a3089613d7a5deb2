import pMap from 'p-map';
import { manifestKeyOf, parseVerdictKey, verdictsPrefix, type Source } from '../layout.ts';
import type { Vault } from '../storage/vault.ts';
import { digestOf } from './digest-list.ts';
import { readDrillRecords, type DrillRecord } from './drill-records.ts';
import { readsAtOnce, type ChainProblem } from './read-chain.ts';

export interface VerdictRequest {
  /** Whether what storage received before its record is read, too. */
  readAll: boolean;
  /** Whether this is there, by key: snapshots take their verdicts with them. */
  isThere: (key: string) => boolean;
  /** The digests of the reports that are there. */
  reports: ReadonlyMap<string, string>;
  /** When the check began, where it leaves a record of its own; else the newest record counts. */
  began?: Date | undefined;
}

/** A drill leaves its record when it ends, and lasts for hours. */
const longestDrillMs = 86_400_000;

/**
 * Compares the verdicts of a source with what drills and verifications recorded of them, and these records with one another
 * and with the reports that they saw.
 */
export async function verifyVerdicts(vault: Vault, source: Source, request: VerdictRequest): Promise<ChainProblem[]> {
  const problems: ChainProblem[] = [];
  const note = (what: ChainProblem['what'], key: string, why: string): void => void problems.push({ what, key, why });
  const records = await readDrillRecords(vault, source, (key) => note('changed', key, 'it cannot be read'));
  if (records.length === 0) return problems;
  compareRecords(records, request, note);

  const recorded = new Map<string, { sha256: string; record: DrillRecord }>();
  for (const record of records) for (const { key, sha256 } of record.verdicts) recorded.set(key, { sha256, record });
  const there = new Map<string, number>();
  for await (const { key, modified } of vault.list(verdictsPrefix(`${source}/`)))
    if (parseVerdictKey(key)) there.set(key, modified.getTime());
  // What a drill left that is under way, or that ended beside a later one, is not on record yet.
  const newest = request.began?.getTime() ?? records.at(-1)?.modified ?? 0;
  const due = (received: number): boolean => received < newest - longestDrillMs;

  for (const key of recorded.keys())
    if (!there.has(key) && request.isThere(manifestKeyOf(parseVerdictKey(key)?.snapshot ?? '')))
      note('missing', key, `${recorded.get(key)?.record.key ?? ''} has left it`);
  await pMap(
    there,
    async ([key, received]) => {
      const known = recorded.get(key);
      if (!known) {
        if (due(received)) note('added', key, 'no drill and no verification has recorded it');
        return;
      }
      if (!request.readAll && received <= known.record.modified) return;
      if (received > known.record.modified && !due(received)) return;
      const sha256 = await digestOf(vault, key);
      if (sha256 !== known.sha256) note('changed', key, `it is not the verdict that ${known.record.key} has recorded`);
    },
    { concurrency: readsAtOnce },
  );
  return problems;
}

function compareRecords(
  records: readonly DrillRecord[],
  { reports }: VerdictRequest,
  note: (what: ChainProblem['what'], key: string, why: string) => void,
): void {
  const digests = new Map(records.map(({ key, sha256 }) => [key, sha256]));
  for (const { key: record, before, roots } of records) {
    const found = before && digests.get(before.key);
    if (before && found === undefined) note('missing', before.key, `${record} follows on it`);
    else if (before && found !== before.sha256) note('changed', before.key, `${record} has another digest of it`);
    for (const { key, sha256 } of roots) {
      const report = reports.get(key);
      if (report === undefined) note('rolled-back', key, `${record} saw this report, and it is gone`);
      else if (report !== sha256) note('changed', key, `${record} saw another report`);
    }
  }
}
