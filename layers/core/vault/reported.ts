import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { parseJson } from '#core/runtime/schema.ts';
import type { SnapshotEntry } from './catalogue.ts';
import type { Source } from './layout.ts';
import type { SnapshotId } from './snapshot-id.ts';
import type { Vault } from './storage/vault.ts';

/** The part of a report that names snapshots; the rest may come from another version. */
const reportSchema = v.object({
  items: v.array(v.object({ prefix: v.optional(v.string()), snapshot: v.optional(v.string()) })),
});

/** A hundred thousand items take about 50 MB. */
const largestReport = 512 << 20;

/**
 * The snapshots that reports of runs name. Who stores snapshots may not write reports, so what a report names was there
 * when its run ended, and nothing can have come in its place since.
 */
export class ReportedSnapshots {
  readonly #vault: Vault;
  readonly #source: Source;
  /** By the id of the snapshots that a run made, which is its own. */
  readonly #runs = new Map<SnapshotId, Promise<Set<number>>>();

  constructor(vault: Vault, source: Source) {
    this.#vault = vault;
    this.#source = source;
  }

  async has({ item, snapshot }: Pick<SnapshotEntry, 'item' | 'snapshot'>): Promise<boolean> {
    let run = this.#runs.get(snapshot);
    if (!run) {
      run = this.#read(snapshot);
      this.#runs.set(snapshot, run);
    }
    return (await run).has(shortDigest(item));
  }

  async #read(snapshot: SnapshotId): Promise<Set<number>> {
    const named = new Set<number>();
    for await (const { key } of this.#vault.list(`runs/${this.#source}/${snapshot}`)) {
      if (!key.endsWith('/report.json')) continue;
      try {
        const text = (await readWhole(this.#vault.read(key), largestReport, key)).toString('utf8');
        for (const item of parseJson(reportSchema, text, key, 'Damaged').items)
          if (item.snapshot === snapshot && item.prefix !== undefined) named.add(shortDigest(item.prefix));
      } catch (error) {
        // Without it more is kept, never less.
        if (!hasCode(error, 'Damaged', 'NotFound', 'AccessDenied')) throw error;
      }
    }
    return named;
  }
}

/** 48 bits in place of a name: many reports of many items stay in memory at once. */
export function shortDigest(name: string): number {
  return createHash('sha256').update(name).digest().readUIntBE(0, 6);
}
