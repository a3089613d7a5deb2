import { isDeepStrictEqual } from 'node:util';
import { version } from '#core/runtime/version.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { commit } from '#core/vault/commit.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import type { ItemMetadata, Manifest, ManifestItem } from '#core/vault/manifest.ts';
import { snapshotOutcome } from '#core/vault/outcome.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import { newestOf, type SoundSnapshot } from './newest.ts';
import type { PackageRequest } from './package-request.ts';
import { claimSnapshot } from './state.ts';

/** Stores what a repository or a package is beside its versions, as a snapshot without data, where that has changed. */
export async function storeSettings(
  { vault, retry }: Pick<PackageRequest, 'vault' | 'retry'>,
  item: ManifestItem,
  metadata: ItemMetadata,
): Promise<Stored | Unchanged> {
  const started = new Date().toISOString();
  const catalogue = new Catalogue(vault);
  const prefix = itemPrefix(item.source, item.path);
  const { id, sound, warnings } = await newestOf(catalogue, item);
  if (sound && sameSettings(sound, metadata)) {
    const { snapshot } = sound.snapshot.manifest;
    return { outcome: 'unchanged', item, prefix, snapshot, since: snapshot, warnings };
  }
  const snapshot = await claimSnapshot(vault, prefix, id, metadata);
  const made: Manifest = {
    format: 1,
    item,
    snapshot,
    kind: 'full',
    chain: [],
    metadata,
    data: [],
    omitted: [],
    warnings,
    tool: { name: 'holdfast', version },
    started,
    finished: new Date().toISOString(),
  };
  return snapshotOutcome(await commit(vault, catalogue, made, retry));
}

/** Whether a snapshot holds these settings. */
export function sameSettings({ snapshot }: SoundSnapshot, metadata: ItemMetadata): boolean {
  return isDeepStrictEqual(snapshot.manifest.metadata, metadata);
}
