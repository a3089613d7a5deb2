import pMap from 'p-map';
import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Objectives } from '#core/sources/objectives.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { readRecord } from '#core/vault/chain/read-record.ts';
import { drillsPrefix, itemPrefix, type Source } from '#core/vault/layout.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import { timeOf } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { waysOf } from './kinds/table.ts';
import type { MeasuredObjectives } from './measured-objectives.ts';
import { addressOfReported, listReports, readReportIfWhole } from './read-reports.ts';
import type { Report } from './report.ts';

/** As many items as a report names that miss an objective. */
const mostNamed = 100;
const lookedUpAtOnce = 16;

/** What of a report is measured. */
type Measurable = Pick<Report, 'source' | 'run' | 'started' | 'finished' | 'items' | 'warnings'>;

/**
 * Measures a run by the objectives of its source. A report is never lost for that: what cannot be measured is a warning.
 * @returns the report with what was measured; the same where nothing is demanded
 */
export async function withObjectives<Of extends Measurable>(
  vault: Vault,
  report: Of,
  { rpo, rto }: Objectives,
): Promise<Of & { objectives?: MeasuredObjectives }> {
  if (rpo === undefined && rto === undefined) return report;
  try {
    const objectives: MeasuredObjectives = {
      ...(rpo === undefined ? {} : { rpo: await measureRpo(vault, report, rpo) }),
      ...(rto === undefined ? {} : { rto: await measureRto(vault, report.source, rto) }),
    };
    return { ...report, objectives };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { ...report, warnings: [...report.warnings, `the objectives were not measured: ${error.message}`] };
  }
}

async function measureRpo(
  vault: Vault,
  report: Measurable,
  objective: number,
): Promise<NonNullable<MeasuredObjectives['rpo']>> {
  const ages = await agesOf(vault, report);
  const missed = ages
    .filter(({ age }) => age === undefined || age > objective)
    .sort((a, b) => (b.age ?? Infinity) - (a.age ?? Infinity));
  const known = ages.flatMap(({ age }) => age ?? []);
  return {
    objective,
    ...(known.length === ages.length && known.length > 0 ? { measured: known.reduce((a, b) => Math.max(a, b)) } : {}),
    missed: missed.length,
    items: missed.slice(0, mostNamed).map(({ address, age }) => ({ address, ...(age === undefined ? {} : { age }) })),
  };
}

interface Age {
  address: string;
  /** Undefined for an item of which the vault holds nothing. */
  age: number | undefined;
}

/** How old what the vault holds of each item is when the run ends. */
async function agesOf(vault: Vault, report: Measurable): Promise<Age[]> {
  const { source, started, finished, items } = report;
  const ageAt = (time: number): number => Math.max(0, Math.round((Date.parse(finished) - time) / 1000));
  const catalogue = new Catalogue(vault);
  // Of a package only new versions are stored, so the age of the newest says nothing; the runs that went over it do.
  const byRuns = waysOf(source).byClaims ? await lastCovered(vault, report) : undefined;
  if (items.length === 0) {
    // The run could not list: then what counts is what the vault holds.
    if (byRuns) return [...byRuns].map(([address, time]) => ({ address, age: ageAt(time) }));
    const ages: Age[] = [];
    for await (const { address, snapshots } of catalogue.lineages(source)) {
      const newest = snapshots.at(-1);
      if (newest) ages.push({ address, age: ageAt(timeOf(newest.snapshot).getTime()) });
    }
    return ages;
  }
  return pMap(
    items.filter(({ outcome }) => outcome !== 'skipped'),
    async ({ outcome, item }) => {
      const address = addressOfReported(source, item);
      if (outcome !== 'failed') return { address, age: ageAt(Date.parse(started)) };
      const newest = byRuns ? byRuns.get(address) : await newestOf(catalogue, source, item);
      return { address, age: newest === undefined ? undefined : ageAt(newest) };
    },
    { concurrency: lookedUpAtOnce },
  );
}

/** When the newest snapshot of an item was made, under whatever path. */
async function newestOf(catalogue: Catalogue, source: Source, item: ManifestItem): Promise<number | undefined> {
  const paths = new Set([itemPrefix(source, item.path), ...(await catalogue.pathsOf(source, item.id))]);
  let newest: number | undefined;
  for (const path of paths)
    for (const { snapshot, hasManifest } of (await catalogue.item(path)).snapshots)
      if (hasManifest) newest = Math.max(newest ?? 0, timeOf(snapshot).getTime());
  return newest;
}

/** As many runs as are looked back through. */
const runsRead = 30;

/** When the last run began that found each item stored or unchanged, by the item's address. */
async function lastCovered(vault: Vault, { source, run, items }: Measurable): Promise<Map<string, number>> {
  const covered = new Map<string, number>();
  const wanted = new Set(
    items.flatMap(({ outcome, item }) => (outcome === 'failed' ? [addressOfReported(source, item)] : [])),
  );
  if (items.length > 0 && wanted.size === 0) return covered;
  const places = (await listReports(vault, source)).filter((one) => one.run < run);
  for (const { key } of places.slice(-runsRead).reverse()) {
    const report = await readReportIfWhole(vault, key);
    for (const { outcome, item } of report?.items ?? []) {
      const address = addressOfReported(source, item);
      if (outcome !== 'stored' && outcome !== 'unchanged') continue;
      if (report && !covered.has(address)) covered.set(address, Date.parse(report.started));
      wanted.delete(address);
    }
    if (items.length > 0 && wanted.size === 0) break;
  }
  return covered;
}

const recordSchema = v.object({ restore: v.object({ items: v.number(), milliseconds: v.number() }) });

async function measureRto(
  vault: Vault,
  source: Source,
  objective: number,
): Promise<NonNullable<MeasuredObjectives['rto']>> {
  const keys: string[] = [];
  for await (const { key } of vault.list(drillsPrefix(source))) keys.push(key);
  for (const key of keys.reverse().slice(0, recordsRead)) {
    const found = await readRecord(vault, key, recordSchema);
    if (!found) continue;
    const measured = Math.round(found.content.restore.milliseconds) / 1000;
    return { objective, measured, missed: measured > objective };
  }
  return { objective, missed: false };
}

/** The records that are looked through for a drill of all items: between two of them people drill single ones. */
const recordsRead = 20;
