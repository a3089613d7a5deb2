import { hasCode } from '#core/runtime/errors.ts';
import type { Catalogue, SnapshotEntry } from '#core/vault/catalogue.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Asset, CheckedManifest, ManifestItem } from '#core/vault/manifest.ts';
import { isSound } from '#core/vault/previous.ts';

/** What the vault holds of an item whose names never change. */
export interface Newest {
  /** The newest snapshot, whatever its state; undefined where there is none. */
  id: SnapshotId | undefined;
  /** The same, where nothing of it is damaged or missing. */
  sound: SoundSnapshot | undefined;
  warnings: string[];
}

export interface SoundSnapshot {
  snapshot: CheckedManifest;
  /** The manifest that holds the content: the same, or the one to which it is equal. */
  content: CheckedManifest;
}

export async function newestOf(catalogue: Catalogue, item: ManifestItem): Promise<Newest> {
  const { snapshots } = await catalogue.item(itemPrefix(item.source, item.path));
  return newestAmong(catalogue, snapshots);
}

/** As `newestOf`, where the item's snapshots are listed already. */
export async function newestAmong(catalogue: Catalogue, snapshots: SnapshotEntry[]): Promise<Newest> {
  const entry = snapshots.findLast(({ hasManifest }) => hasManifest);
  if (!entry) return { id: undefined, sound: undefined, warnings: [] };
  const { snapshot: id } = entry;
  const warnings = [`snapshot ${id} is damaged, so nothing builds on it`];
  try {
    const sound = await read(catalogue, entry, snapshots);
    return { id, sound, warnings: sound ? [] : warnings };
  } catch (error) {
    if (!hasCode(error, 'Damaged')) throw error;
    return { id, sound: undefined, warnings };
  }
}

/** The assets that a snapshot consists of, its own and those of earlier ones. */
export function assetsOf({ manifest }: CheckedManifest): Asset[] {
  return [...manifest.chain, ...manifest.data].filter((data) => data.format === 'asset');
}

/** @throws {HoldfastError} Damaged */
async function read(
  catalogue: Catalogue,
  entry: SnapshotEntry,
  snapshots: SnapshotEntry[],
): Promise<SoundSnapshot | undefined> {
  const { manifest, digest, content: whole } = await catalogue.snapshot(entry.item, entry.snapshot);
  const snapshot = { manifest, digest };
  if (!isSound(snapshot, snapshots)) return undefined;
  const { parent, kind } = manifest;
  // The parent of an unchanged snapshot is never unchanged itself, so it is the one that was read for its content.
  const content = kind === 'unchanged' && parent ? { manifest: whole, digest: parent.digest } : snapshot;
  return { snapshot, content };
}
