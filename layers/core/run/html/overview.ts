import * as v from 'valibot';
import { Catalogue, madeAt } from '#core/vault/catalogue.ts';
import { digestOf } from '#core/vault/chain/digest-list.ts';
import { readRecord } from '#core/vault/chain/read-record.ts';
import { drillsPrefix, type Source } from '#core/vault/layout.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import {
  addressOfReported,
  listReports,
  readReportIfWhole,
  readSummary,
  type ReportPlace,
  type StoredReport,
} from '../read-reports.ts';

/** What a vault holds of one source, as the page for people shows it. */
export interface SourceOverview {
  source: Source;
  items: ItemOverview[];
  /** Of the runs since the asked time, oldest first. */
  runs: RunOverview[];
  last: LastRun | undefined;
  /** The digest of the newest report: the root of the chain. */
  root: string | undefined;
  drill: DrillOverview | undefined;
}

export interface ItemOverview {
  address: string;
  snapshots: number;
  bytes: number;
  /** When its newest snapshot was made. */
  newest: Date;
  verdict: 'intact' | 'damaged' | undefined;
  /** When its newest snapshot was checked. */
  checked: Date | undefined;
}

export type RunOverview = Pick<StoredReport, 'run' | 'result' | 'coverage' | 'bytes' | 'started' | 'finished'>;

export interface LastRun extends RunOverview {
  chain: StoredReport['chain'];
  error: StoredReport['error'];
  objectives: StoredReport['objectives'];
  warnings: string[];
  /** What it left out, and what it failed to back up. */
  exceptions: { address: string; outcome: 'skipped' | 'failed'; why: string }[];
}

const number = v.number();

/** What a page tells of the record of a scheduled drill. */
const drillSchema = v.object({
  how: v.literal('scheduled drill'),
  started: v.string(),
  finished: v.string(),
  snapshots: v.object({ intact: number, damaged: number, notDrilled: number, neverChecked: number }),
  bytes: number,
  damaged: v.array(v.object({ item: v.string(), snapshot: v.string(), problems: v.array(v.string()) })),
  notDrilled: v.array(v.object({ item: v.string(), snapshot: v.string(), why: v.string() })),
  unfinished: v.optional(v.string()),
  chain: v.object({
    problems: v.array(v.object({ what: v.string(), key: v.string(), why: v.string() })),
    broken: number,
  }),
});

export type DrillOverview = v.InferOutput<typeof drillSchema>;

/** The records of drills that are looked through for a scheduled one. */
const recordsRead = 20;

/** Reads keys, the reports of runs, and one record of a drill. @param since the earliest run that is told of */
export async function overviewOf(vault: Vault, source: Source, since: Date): Promise<SourceOverview> {
  const places = await listReports(vault, source);
  const runs: RunOverview[] = [];
  for (const { key } of places) {
    const report = await readSummary(vault, key);
    if (report && Date.parse(report.started) >= since.getTime()) runs.push(told(report));
  }
  const newest = places.at(-1);
  return {
    source,
    items: await itemsOf(vault, source),
    runs,
    last: await lastRun(vault, places),
    root: newest && (await digestOf(vault, newest.key)),
    drill: await lastDrill(vault, source),
  };
}

function told({ run, result, coverage, bytes, started, finished }: RunOverview): RunOverview {
  return { run, result, coverage, bytes, started, finished };
}

/** The newest run whose report can be read. */
async function lastRun(vault: Vault, places: readonly ReportPlace[]): Promise<LastRun | undefined> {
  for (const { key } of places.toReversed()) {
    const report = await readReportIfWhole(vault, key);
    if (!report) continue;
    const { chain, error, objectives, warnings } = report;
    return { ...told(report), chain, error, objectives, warnings, exceptions: exceptionsIn(report) };
  }
  return undefined;
}

/** The items of a source by what their keys say. */
export async function itemsOf(vault: Vault, source: Source): Promise<ItemOverview[]> {
  const items: ItemOverview[] = [];
  for await (const { address, snapshots } of new Catalogue(vault).lineages(source)) {
    const newest = snapshots.at(-1);
    if (!newest) continue;
    const times = newest.checks.map(({ modified }) => modified.getTime());
    items.push({
      address,
      snapshots: snapshots.length,
      bytes: snapshots.flatMap(({ objects }) => objects).reduce((sum, object) => sum + object.bytes, 0),
      newest: new Date(madeAt(newest)),
      verdict: newest.checked,
      checked: newest.checked === undefined ? undefined : new Date(Math.max(...times)),
    });
  }
  return items;
}

/** What a run left out, and what it failed to back up. */
export function exceptionsIn({ source, items }: StoredReport): LastRun['exceptions'] {
  return items.flatMap(({ outcome, item, reason, code, message }) => {
    if (outcome !== 'skipped' && outcome !== 'failed') return [];
    return [
      { address: addressOfReported(source, item), outcome, why: reason ?? `${code ?? 'Unexpected'}: ${message ?? ''}` },
    ];
  });
}

async function lastDrill(vault: Vault, source: Source): Promise<DrillOverview | undefined> {
  const keys: string[] = [];
  for await (const { key } of vault.list(drillsPrefix(source))) keys.push(key);
  for (const key of keys.slice(-recordsRead).reverse()) {
    // Others are the record of a person's drill, or one that is damaged, which verify names.
    const found = await readRecord(vault, key, drillSchema);
    if (found) return found.content;
  }
  return undefined;
}
