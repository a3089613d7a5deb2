import type { SnapshotEntry } from '#core/vault/catalogue.ts';
import type { Asset, Manifest } from '#core/vault/manifest.ts';
import type { ListedObject } from '#core/vault/storage/vault.ts';

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

/** Objects that attempts stored which never came to their manifest, by the oid that their key states. */
export function leftoverObjects(entries: readonly SnapshotEntry[]): Map<string, ListedObject> {
  const leftovers = entries.filter(({ hasManifest }) => !hasManifest).flatMap(({ objects }) => objects);
  return new Map(
    leftovers.flatMap((object): [string, ListedObject][] => {
      const [, oid] = /-([0-9a-f]{64})$/.exec(object.key) ?? [];
      return oid === undefined ? [] : [[oid, object]];
    }),
  );
}
