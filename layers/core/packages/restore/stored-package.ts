import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';
import type { PackageVersion } from '#core/sources/codeartifact/package-name.ts';
import { isFormat } from '#core/sources/codeartifact/settings.ts';
import type { Snapshot } from '#core/vault/catalogue.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Asset } from '#core/vault/manifest.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** A file of a package, byte by byte as its registry had it. */
export interface StoredAsset {
  name: string;
  bytes: number;
  /** In hexadecimal. */
  sha256: string;
  /** From its beginning each time. The last bytes come only once all were proven. */
  read(): AsyncIterable<Buffer>;
}

/** A package version as one snapshot holds it: what every way of putting it back starts from. */
export interface StoredPackageVersion extends PackageVersion {
  snapshot: SnapshotId;
  assets: readonly StoredAsset[];
  metadata: VersionMetadata;
}

const versionMetadataSchema = v.object({
  /** As CodeArtifact had it: Published, Unlisted, Archived… */
  status: v.optional(v.string()),
  summary: v.optional(v.string()),
  readme: v.optional(v.string()),
});

/** What the registry said of the version, as far as putting it back needs it. */
export type VersionMetadata = v.InferOutput<typeof versionMetadataSchema>;

/** Undefined where the path is that of a repository or a package, not of a version. */
export function versionOf(path: readonly string[]): PackageVersion | undefined {
  const [format, namespace, name, version] = path.slice(4);
  if (path.length !== 8 || name === undefined || version === undefined || !isFormat(format)) return undefined;
  return { format, namespace: namespace === '' ? undefined : namespace, name, version };
}

/** @throws {HoldfastError} SourceUnsupported where the snapshot is of something else, Damaged */
export function storedVersion(vault: Vault, { manifest, content }: Snapshot): StoredPackageVersion {
  const { item, snapshot, chain, data } = manifest;
  const path = versionOf(item.path);
  const assets = [...chain, ...data].filter((object) => object.format === 'asset');
  if (!path || assets.length < chain.length + data.length)
    throw new HoldfastError('SourceUnsupported', `${item.name} is not a package version`);
  const metadata = parse(
    versionMetadataSchema,
    manifest.metadata ?? content.metadata ?? {},
    `the metadata of ${item.name}`,
    'Damaged',
  );
  return { ...path, snapshot, assets: assets.map((asset) => storedAsset(vault, asset)), metadata };
}

function storedAsset(vault: Vault, asset: Asset): StoredAsset {
  const { name, bytes, sha256 } = asset;
  return { name, bytes, sha256, read: () => readProven(vault, asset) };
}
