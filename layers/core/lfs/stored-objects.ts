import type { SnapshotEntry } from '#core/vault/catalogue.ts';
import type { Asset, Manifest } from '#core/vault/manifest.ts';

/** The objects that a snapshot holds, its own and those of earlier ones, each once. */
export function storedObjects({ chain, data }: Pick<Manifest, 'chain' | 'data'>): Map<string, Asset> {
  return new Map([...chain, ...data].flatMap((one) => (one.format === 'asset' ? [[one.name, one]] : [])));
}

/** Those among them that are there in full length and that no check has found damaged. */
export function soundObjects(manifest: Pick<Manifest, 'chain' | 'data'>, entries: SnapshotEntry[]): Map<string, Asset> {
  const sound = entries.filter(({ checked }) => checked !== 'damaged');
  const sizes = new Map(sound.flatMap(({ objects }) => objects.map(({ key, bytes }) => [key, bytes])));
  return new Map(
    [...storedObjects(manifest)].filter(([oid, { key, bytes, sha256 }]) => sizes.get(key) === bytes && sha256 === oid),
  );
}
