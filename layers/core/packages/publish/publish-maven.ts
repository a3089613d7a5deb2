import { HoldfastError } from '#core/runtime/errors.ts';
import { nameOf } from '#core/sources/codeartifact/package-name.ts';
import type { StoredAsset, StoredPackageVersion } from '../restore/stored-package.ts';
import { hashing, type Digests } from './hashing.ts';
import {
  artifactMetadata,
  isChecksum,
  isMetadata,
  isSnapshot,
  metadataFile,
  snapshotMetadata,
} from './maven-metadata.ts';
import { checksums, putFile, putSmallFile, putWithChecksums } from './maven-upload.ts';
import { outgoing, publishing, type Publication, type Publish, type Registry } from './publication.ts';

/**
 * Publishes a Maven artifact as its tools do: each file by a PUT, its checksums after it, and at last the metadata of
 * the artifact, with which CodeArtifact takes the version for complete.
 * https://docs.aws.amazon.com/codeartifact/latest/ug/maven-curl.html
 * @param versionsOf the versions of the package that are in the registry already
 */
export function publishMaven(versionsOf: (version: StoredPackageVersion) => Promise<Set<string>>): Publish {
  return async (registry, publication) => {
    const { version, missing } = publication;
    if (isBuild(version.version))
      throw new HoldfastError('SourceUnsupported', `${nameOf(version)} ${version.version} is a build of a snapshot`, {
        advice:
          'CodeArtifact makes these itself when the next build is published. Restore it to a folder; the newest build is in the -SNAPSHOT version.',
      });
    for (const asset of inOrder(missing)) await publishAsset(registry, publication, asset);
    for (const { file, text } of await metadataToMake(version, versionsOf))
      await putWithChecksums(registry, version, file, 'codeartifact:PutPackageMetadata', Buffer.from(text));
    (await versionsOf(version)).add(version.version);
  };
}

/** Files first, each followed by what says something of it, and metadata last. */
function inOrder(assets: readonly StoredAsset[]): StoredAsset[] {
  const rank = ({ name }: StoredAsset): string => `${isMetadata(name) ? 1 : 0}${name}`;
  return assets.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

async function publishAsset(registry: Registry, { version, onBytes }: Publication, asset: StoredAsset): Promise<void> {
  const what = publishing(asset, version);
  // Of a release it is the artifact's: it becomes the version's own asset as it names the version.
  const ofArtifact = isMetadata(asset.name) && !isSnapshot(version.version);
  const file = ofArtifact ? asset.name : `${version.version}/${asset.name}`;
  const action = `codeartifact:${isMetadata(asset.name) ? 'PutPackageMetadata' : 'PublishPackageVersion'}`;
  let digests: Digests = new Map();
  const read = (): AsyncIterable<Buffer> =>
    hashing({ read: () => outgoing(asset, onBytes) }, checksums, (taken) => (digests = taken));
  await putFile(registry, version, file, { what, action, body: () => ({ length: asset.bytes, chunks: read() }) });
  if (isChecksum(asset.name)) return;
  // A registry may be quicker with its answer than we with the end of what it has taken.
  if (digests.size === 0) for await (const _ of hashing(asset, checksums, (taken) => (digests = taken)));
  const stored = new Set(version.assets.map(({ name }) => name));
  for (const [name, digest] of digests)
    if (!stored.has(`${asset.name}.${name}`))
      await putSmallFile(registry, version, `${file}.${name}`, action, Buffer.from(digest.toString('hex')));
}

/** The metadata that a version lacks, of a snapshot and of the artifact; the latter completes the version. */
async function metadataToMake(
  version: StoredPackageVersion,
  versionsOf: (version: StoredPackageVersion) => Promise<Set<string>>,
): Promise<{ file: string; text: string }[]> {
  const { namespace: group = '', name, version: number, assets } = version;
  const files = assets.map((asset) => asset.name);
  const snapshot = isSnapshot(number);
  const isStored = files.includes(metadataFile);
  if (isStored && !snapshot) return [];
  const text = isStored || !snapshot ? undefined : snapshotMetadata(group, name, number, files);
  const versions = new Set(await versionsOf(version)).add(number);
  return [
    ...(text === undefined ? [] : [{ file: `${number}/${metadataFile}`, text }]),
    { file: metadataFile, text: artifactMetadata(group, name, [...versions], new Date()) },
  ];
}

/** Whether a version is one build of a snapshot: `1.0-20240131.120000-3`. */
function isBuild(version: string): boolean {
  return /-\d{8}\.\d{6}-\d+$/.test(version);
}
