import * as v from 'valibot';
import { digestOf } from '#core/vault/chain/digest-list.ts';
import { readRecord } from '#core/vault/chain/read-record.ts';
import { verifyChain, type CheckedChain } from '#core/vault/chain/verify-chain.ts';
import { addressOf, drillsPrefix, removedPrefix, type Source } from '#core/vault/layout.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { exceptionsIn, itemsOf, type ItemOverview } from '../html/overview.ts';
import { waysOf } from '../kinds/table.ts';
import { missedObjectives } from '../measured-objectives.ts';
import { listReports, readReportIfWhole } from '../read-reports.ts';
import type { BucketProtection } from '#core/vault/storage/s3/bucket-protection.ts';

/** From the beginning of the first day to the end of the last, in UTC. */
export interface Period {
  from: Date;
  to: Date;
}

export interface EvidenceRun {
  source: Source;
  run: string;
  result: string;
  listed: number;
  stored: number;
  unchanged: number;
  skipped: number;
  failed: number;
  bytes: number;
  started: string;
  finished: string;
  /** What was demanded and what was measured, in seconds; undefined where nothing was demanded, or nothing was measured. */
  rpo: number | undefined;
  rpoMeasured: number | undefined;
  /** How many items missed it. */
  rpoMissed: number | undefined;
  rto: number | undefined;
  rtoMeasured: number | undefined;
  report: string;
  /** Of the report: with it, it can be shown later that this very report was there. */
  sha256: string;
}

export interface EvidenceDrill {
  source: Source;
  how: string;
  started: string;
  finished: string;
  /** Snapshots that were restored and found whole; of checks that people made alone, it is not on record. */
  intact: number | undefined;
  damaged: number | undefined;
  notDrilled: number | undefined;
  bytes: number | undefined;
  unfinished: string;
  /** What did not agree with the chain of reports. */
  chainProblems: number | undefined;
  record: string;
  sha256: string;
}

/** What was not as it ought to be. */
export interface EvidenceException {
  source: Source;
  /** When: the run, or the end of the drill. */
  when: string;
  what:
    | 'run failed'
    | 'item failed'
    | 'item skipped'
    | 'snapshot damaged'
    | 'chain disagrees'
    | 'drill unfinished'
    | 'objective missed';
  item: string;
  why: string;
}

/** What is written down of a vault for an auditor. */
export interface Evidence {
  vault: string;
  period: Period;
  gathered: Date;
  /** Undefined of a folder, which protects nothing by itself. */
  protection: BucketProtection | undefined;
  sources: readonly SourceEvidence[];
}

export interface SourceEvidence {
  source: Source;
  items: ItemOverview[];
  runs: EvidenceRun[];
  /** Reports that cannot be read. */
  unreadable: string[];
  drills: EvidenceDrill[];
  exceptions: EvidenceException[];
  /** Snapshots that retention removed within the period. */
  removed: number;
  /** The chain of reports, walked when the evidence was gathered. */
  chain: Pick<CheckedChain, 'links' | 'snapshots' | 'roots' | 'problems'>;
}

const number = v.number();

const drillSchema = v.object({
  how: v.string(),
  started: v.string(),
  finished: v.string(),
  snapshots: v.optional(v.object({ intact: number, damaged: number, notDrilled: number })),
  bytes: v.optional(number),
  damaged: v.optional(
    v.array(v.object({ item: v.string(), snapshot: v.string(), problems: v.array(v.string()) })),
    () => [],
  ),
  unfinished: v.optional(v.string()),
  chain: v.optional(
    v.object({
      broken: number,
      problems: v.array(v.object({ what: v.string(), key: v.string(), why: v.string() })),
    }),
  ),
});

const removalSchema = v.object({ snapshots: v.array(v.unknown()) });

/** All that a vault can show of one source within a period. Walks the chain; reads no data of snapshots. */
export async function gatherEvidence(vault: Vault, source: Source, period: Period): Promise<SourceEvidence> {
  const exceptions: EvidenceException[] = [];
  const { runs, unreadable } = await runsWithin(vault, source, period, exceptions);
  const drills = await drillsWithin(vault, source, period, exceptions);
  const chain = await verifyChain(vault, source, { ways: waysOf(source), readAll: vault.store === undefined });
  for (const { what, key, why } of chain.problems)
    exceptions.push({ source, when: 'now', what: 'chain disagrees', item: key, why: `${what}: ${why}` });
  let removed = 0;
  for await (const { key, modified } of vault.list(removedPrefix(source))) {
    if (!isWithin(modified, period)) continue;
    removed += (await readRecord(vault, key, removalSchema))?.content.snapshots.length ?? 0;
  }
  const { links, snapshots, roots, problems } = chain;
  return {
    source,
    items: await itemsOf(vault, source),
    runs,
    unreadable,
    drills,
    exceptions,
    removed,
    chain: { links, snapshots, roots, problems },
  };
}

async function runsWithin(
  vault: Vault,
  source: Source,
  period: Period,
  exceptions: EvidenceException[],
): Promise<{ runs: EvidenceRun[]; unreadable: string[] }> {
  const runs: EvidenceRun[] = [];
  const unreadable: string[] = [];
  for (const { run, key } of await listReports(vault, source)) {
    const report = await readReportIfWhole(vault, key);
    if (!report) {
      unreadable.push(key);
      continue;
    }
    if (!isWithin(new Date(report.started), period)) continue;
    const { result, coverage, bytes, started, finished, error, objectives } = report;
    const sha256 = await digestOf(vault, key);
    const measured = {
      rpo: objectives?.rpo?.objective,
      rpoMeasured: objectives?.rpo?.measured,
      rpoMissed: objectives?.rpo?.missed,
      rto: objectives?.rto?.objective,
      rtoMeasured: objectives?.rto?.measured,
    };
    runs.push({ source, run, result, ...coverage, bytes, started, finished, ...measured, report: key, sha256 });
    for (const why of missedObjectives(objectives))
      exceptions.push({ source, when: run, what: 'objective missed', item: '', why });
    if (error)
      exceptions.push({ source, when: run, what: 'run failed', item: '', why: `${error.code}: ${error.message}` });
    for (const { address, outcome, why } of exceptionsIn(report))
      exceptions.push({ source, when: run, what: `item ${outcome}`, item: address, why });
  }
  return { runs, unreadable };
}

async function drillsWithin(
  vault: Vault,
  source: Source,
  period: Period,
  exceptions: EvidenceException[],
): Promise<EvidenceDrill[]> {
  const drills: EvidenceDrill[] = [];
  for await (const { key } of vault.list(drillsPrefix(source))) {
    // The chain names one that cannot be read.
    const found = await readRecord(vault, key, drillSchema);
    if (!found || !isWithin(new Date(found.content.finished), period)) continue;
    const { how, started, finished, snapshots, bytes, damaged, unfinished, chain } = found.content;
    drills.push({
      source,
      how,
      started,
      finished,
      intact: snapshots?.intact,
      damaged: snapshots?.damaged,
      notDrilled: snapshots?.notDrilled,
      bytes,
      unfinished: unfinished ?? '',
      chainProblems: chain?.broken,
      record: key,
      sha256: found.sha256,
    });
    const note = (what: EvidenceException['what'], item: string, why: string): void =>
      void exceptions.push({ source, when: finished, what, item, why });
    for (const { item, snapshot, problems } of damaged)
      note('snapshot damaged', `${addressOf(item)} ${snapshot}`, problems.join('; '));
    for (const { what, key: where, why } of chain?.problems ?? []) note('chain disagrees', where, `${what}: ${why}`);
    if (unfinished !== undefined) note('drill unfinished', '', unfinished);
  }
  return drills;
}

function isWithin(time: Date, { from, to }: Period): boolean {
  return time >= from && time <= to;
}
