import type { Authorize } from '#core/git/http-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';

/** The last part of the path of an item of objects: no host allows a repository of this name. */
const objectsPart = '@lfs';
const objectsSuffix = '.lfs';

/** The item of the objects of a repository, below the repository. */
export function objectsItem({ source, id, path, name }: ManifestItem): ManifestItem {
  return { source, id: `${id}${objectsSuffix}`, path: [...path, objectsPart], name: `${name}/${objectsPart}` };
}

export function isObjectsPath(path: readonly string[]): boolean {
  return path.at(-1) === objectsPart;
}

/** The repository whose objects an item stands for; any other item as it is. */
export function repositoryOfObjects(item: ManifestItem): ManifestItem {
  if (!isObjectsPath(item.path)) return item;
  return {
    source: item.source,
    id: item.id.slice(0, -objectsSuffix.length),
    path: item.path.slice(0, -1),
    name: item.name.slice(0, -objectsPart.length - 1),
  };
}

/** Where the objects of Git LFS of one repository are asked for. */
export interface LfsEndpoint {
  http: HttpClient;
  /** The repository's address, with or without `.git`. */
  repository: URL;
  authorize: Authorize;
}

/** A repository whose files stand for objects, and the server that has these. */
export interface LfsRemote {
  transport: Transport;
  endpoint: LfsEndpoint;
}

/** What objects of Git LFS are read from. */
export interface LfsSource {
  /** @throws {HoldfastError} SourceMissing */
  objects(item: ManifestItem): LfsRemote;
  /** As of a repository: where an item is now that was not found under its listed name. */
  locate?(item: ManifestItem): Promise<ManifestItem | undefined>;
}
