import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { sources } from '#core/sources/table.ts';
import { addressOfItem, type Source } from '#core/vault/layout.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { measuredSchema } from './measured-objectives.ts';

/** A report of a hundred thousand items takes about 50 MB. */
const largestReport = 512 << 20;

const count = v.number();

/** A run's report as far as it is printed; what other versions add is kept out of the way. */
export const storedReportSchema = v.object({
  source: v.picklist(sources),
  scope: v.optional(v.string()),
  run: v.string(),
  result: v.picklist(['complete', 'partial', 'failed', 'interrupted']),
  coverage: v.object({ listed: count, stored: count, unchanged: count, skipped: count, failed: count }),
  bytes: v.optional(count, 0),
  started: v.string(),
  finished: v.string(),
  chain: v.optional(v.object({ snapshots: count, manifests: v.string(), missing: count })),
  objectives: v.optional(measuredSchema),
  warnings: v.array(v.string()),
  error: v.optional(v.object({ code: v.string(), message: v.string(), advice: v.optional(v.string()) })),
  items: v.array(
    v.object({
      outcome: v.picklist(['stored', 'unchanged', 'skipped', 'failed']),
      item: v.object({ id: v.string(), name: v.string(), path: v.array(v.string()) }),
      reason: v.optional(v.string()),
      code: v.optional(v.string()),
      message: v.optional(v.string()),
      kind: v.optional(v.string()),
      /** Of a dataset: how many records, and what could not be read. */
      records: v.optional(v.object({ stored: count, deleted: count, without: v.array(v.string()) })),
    }),
  ),
});

export type StoredReport = v.InferOutput<typeof storedReportSchema>;

/** An item of a report, as a person writes it; reports of before the first release do not have its path. */
export function addressOfReported(source: Source, { name, path }: StoredReport['items'][number]['item']): string {
  return path.length === 0 ? `${source}/${name}` : addressOfItem({ source, path });
}

/** Where the report of a run is. */
export interface ReportPlace {
  source: Source;
  /** The run's id, which begins with its time. */
  run: string;
  key: string;
}

/** The reports of a source's runs, oldest first. Reads no object. */
export async function listReports(vault: Vault, source: Source): Promise<ReportPlace[]> {
  const places: ReportPlace[] = [];
  for await (const { key } of vault.list(`runs/${source}/`)) {
    const [, , run = '', file, ...rest] = key.split('/');
    if (file === 'report.json' && rest.length === 0) places.push({ source, run, key });
  }
  return places.sort((a, b) => (a.run < b.run ? -1 : 1));
}

/** @throws {HoldfastError} NotFound; Damaged where it is not a report */
export async function readReport(vault: Vault, key: string): Promise<StoredReport> {
  const bytes = await readWhole(vault.read(key), largestReport, key);
  return parseJson(storedReportSchema, bytes.toString('utf8'), key, 'Damaged');
}

const summarySchema = v.omit(storedReportSchema, ['items']);

/** What a report says of its run, without what became of each item; undefined where it cannot be read. */
export async function readSummary(vault: Vault, key: string): Promise<v.InferOutput<typeof summarySchema> | undefined> {
  try {
    const bytes = await readWhole(vault.read(key), largestReport, key);
    return parseJson(summarySchema, bytes.toString('utf8'), key, 'Damaged');
  } catch (error) {
    if (hasCode(error, 'Damaged', 'NotFound', 'TooLarge')) return undefined;
    throw error;
  }
}

/** As `readReport`; undefined where it cannot be read, so that one damaged report hides no other. */
export async function readReportIfWhole(vault: Vault, key: string): Promise<StoredReport | undefined> {
  try {
    return await readReport(vault, key);
  } catch (error) {
    if (hasCode(error, 'Damaged', 'NotFound', 'TooLarge')) return undefined;
    throw error;
  }
}

/** The report of the run before this one; undefined where there is none that can be read. */
export async function reportBefore(vault: Vault, source: Source, run: string): Promise<StoredReport | undefined> {
  const before = (await listReports(vault, source)).findLast((one) => one.run < run);
  return before && readReportIfWhole(vault, before.key);
}
