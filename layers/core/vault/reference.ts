import { itemPrefix } from './layout.ts';
import type { CheckedManifest, SnapshotReference } from './manifest.ts';

/** How another manifest names this one, so that no other can take its place. */
export function referenceTo({ manifest, digest }: CheckedManifest): SnapshotReference {
  const { source, path } = manifest.item;
  return { item: itemPrefix(source, path), snapshot: manifest.snapshot, digest };
}
