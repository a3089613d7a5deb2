import { HoldfastError } from '#core/runtime/errors.ts';
import type { HttpBody } from '#core/runtime/http.ts';
import { YoungGarbage } from '#core/runtime/minor-gc.ts';
import type { RetryPolicy } from '#core/runtime/retry.ts';
import type { RegistryApi } from '#core/sources/codeartifact/registry-api.ts';
import type { RegistryHttp } from '../registry/registry-http.ts';
import { nameOf } from '#core/sources/codeartifact/package-name.ts';
import type { StoredAsset, StoredPackageVersion } from '../restore/stored-package.ts';
import type { ExistingVersion } from '../restore/target.ts';

/** The assets that a registry is to be given. */
export interface Publication {
  version: StoredPackageVersion;
  missing: readonly StoredAsset[];
  existing: ExistingVersion | undefined;
  /** Called with how many more bytes of the assets are on their way. */
  onBytes: (bytes: number) => void;
}

/** A repository of CodeArtifact, as the tools of one format see it. */
export interface Registry {
  api: RegistryApi;
  http: RegistryHttp;
  /** Its path ends in a slash. */
  endpoint: URL;
  /** What IAM has to allow: an action on the package's ARN. */
  needs: (action: string, version: StoredPackageVersion) => string;
  policy: RetryPolicy;
  signal: AbortSignal | undefined;
}

/** Gives a registry the assets in the way of one format. */
export type Publish = (registry: Registry, publication: Publication) => Promise<void>;

/** The bytes of an asset on their way. Its end is only sent once all of it was proven. */
export async function* outgoing(asset: StoredAsset, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  const garbage = new YoungGarbage();
  for await (const chunk of asset.read()) {
    onBytes(chunk.length);
    garbage.passed(chunk.length);
    yield chunk;
  }
}

export function assetBody(asset: StoredAsset, onBytes: (bytes: number) => void): () => HttpBody {
  return () => ({ length: asset.bytes, chunks: outgoing(asset, onBytes) });
}

/** For messages: `publish package.tgz of @acme/app 1.0.0`. */
export function publishing(asset: StoredAsset, version: StoredPackageVersion): string {
  return `publish ${asset.name} of ${nameOf(version)} ${version.version}`;
}

/**
 * An address below a registry's own.
 * @throws {HoldfastError} SourceUnsupported for a name that would lead elsewhere
 */
export function below(endpoint: URL, ...segments: readonly string[]): URL {
  const astray = segments.find((segment) => ['', '.', '..'].includes(segment));
  if (astray !== undefined)
    throw new HoldfastError('SourceUnsupported', `${JSON.stringify(astray)} is not a valid name in an address`);
  return new URL(`${endpoint.href}${segments.map(encodeURIComponent).join('/')}`);
}
