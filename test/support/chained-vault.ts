/** A vault with a chain: runs that stored something, each with its inventory, list and report. */
import { linkReport } from '#core/run/link-report.ts';
import { makeReport, type Report } from '#core/run/report.ts';
import { inventoryKey, reportKey, storeLatest, storeOnce } from '#core/run/run-files.ts';
import { itemPrefix, manifestKey, type Source } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import { writeManifest } from '#core/vault/manifest.ts';
import type { Outcome } from '#core/vault/outcome.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { once } from './backups.ts';
import { exampleManifest } from './vault-manifests.ts';

/** Stores a snapshot, as it would be, of the item with this name. @returns the key of its manifest */
export async function addSnapshot(vault: Vault, source: Source, name: string, snapshot: SnapshotId): Promise<string> {
  const { parent: _, ...example } = exampleManifest({ path: [name], id: name, snapshot });
  const item = { ...example.item, source };
  const { text } = writeManifest({ ...example, item, kind: 'full', chain: [], data: [] });
  const key = manifestKey(itemPrefix(source, [name]), snapshot);
  await vault.create(key, Buffer.from(text));
  return key;
}

/** A run over some items that stores a snapshot of each. */
export async function addRun(vault: Vault, source: Source, run: SnapshotId, names: string[]): Promise<Report> {
  const items = names.map((name) => ({ source, id: name, path: [name], name }));
  const inventory = { source, listed: items.map((item) => ({ item })), warnings: [] };
  await storeOnce(vault, inventoryKey(source, run), { format: 1, run, ...inventory });
  const outcomes: Outcome[] = [];
  for (const item of items) {
    await addSnapshot(vault, source, item.name, run);
    const prefix = itemPrefix(source, item.path);
    outcomes.push({ outcome: 'stored', item, prefix, snapshot: run, kind: 'full', bytes: 0, refs: 1, warnings: [] });
  }
  const started = new Date().toISOString();
  const made = makeReport({ source, run, started, inventory, outcomes, interrupted: false });
  const report = await linkReport(vault, made, once);
  await storeOnce(vault, reportKey(source, run), report);
  await storeLatest(vault, report);
  return report;
}
