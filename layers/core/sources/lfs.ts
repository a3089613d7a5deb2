import type { Authorize } from '#core/git/http-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';

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
