import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { HttpBody } from '#core/runtime/http.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { nameOf } from '#core/sources/codeartifact/package-name.ts';
import type { StoredAsset, StoredPackageVersion } from '../restore/stored-package.ts';
import { outgoing } from './publication.ts';
import { readTarEntry } from './tar-entry.ts';

/** What npm sends to publish a version, but for the tarball itself. */
export interface NpmDocument {
  document: Record<string, unknown>;
  /** The name of the tarball. */
  tarball: string;
}

/**
 * The document that `npm publish` makes of a tarball: its package.json with the hashes of the tarball.
 * https://github.com/npm/cli/blob/v10.9.0/workspaces/libnpmpublish/lib/publish.js, buildMetadata
 * @param tag what the version is to be called
 * @throws {HoldfastError} Damaged; SourceUnsupported where there is no package.json
 */
export async function npmDocument(
  version: StoredPackageVersion,
  asset: StoredAsset,
  registry: URL,
  tag: string,
): Promise<NpmDocument> {
  const name = nameOf(version);
  // The first folder has any name; npm itself writes `package`.
  const isManifest = (file: string): boolean => /^(\.\/)?[^/]+\/package\.json$/.test(file);
  const { entry, digests } = await readTarEntry(asset, isManifest, ['sha512', 'sha1']);
  if (!entry) throw new HoldfastError('SourceUnsupported', `${asset.name} of ${name} holds no package.json`);
  const text = entry.toString('utf8').replace(/^\ufeff/, '');
  const manifest = parseJson(anyObject, text, `package.json of ${name} ${version.version}`, 'SourceUnsupported');
  const tarball = `${name}-${version.version}.tgz`;
  const { readme } = version.metadata;
  const dist = {
    integrity: `sha512-${digests.get('sha512')?.toString('base64') ?? ''}`,
    shasum: digests.get('sha1')?.toString('hex') ?? '',
    tarball: new URL(`${name}/-/${tarball}`, registry).href,
  };
  const published = {
    ...manifest,
    name,
    version: version.version,
    _id: `${name}@${version.version}`,
    ...(readme === undefined ? {} : { readme }),
    dist,
  };
  const { description } = manifest;
  return {
    tarball,
    document: {
      _id: name,
      name,
      ...(typeof description === 'string' ? { description } : {}),
      'dist-tags': { [tag]: version.version },
      versions: { [version.version]: published },
      access: null,
    },
  };
}

const anyObject = v.record(v.string(), v.unknown());

/** The document with the tarball in it, in base64, as a stream: neither is ever in memory as a whole. */
export function npmBody(
  { document, tarball }: NpmDocument,
  asset: StoredAsset,
  onBytes: (bytes: number) => void,
): () => HttpBody {
  const base64Bytes = 4 * Math.ceil(asset.bytes / 3);
  const attachment = { content_type: 'application/octet-stream', length: asset.bytes };
  const before = Buffer.from(
    `${JSON.stringify(document).slice(0, -1)},"_attachments":{${JSON.stringify(tarball)}:${JSON.stringify(attachment).slice(0, -1)},"data":"`,
  );
  const after = Buffer.from('"}}}');
  return () => ({
    length: before.length + base64Bytes + after.length,
    chunks: (async function* () {
      yield before;
      yield* base64(outgoing(asset, onBytes));
      yield after;
    })(),
  });
}

/** Base64 takes three bytes at a time, wherever the chunks end. */
async function* base64(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const all = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = all.length - (all.length % 3);
    if (whole > 0) yield Buffer.from(all.toString('base64', 0, whole), 'latin1');
    rest = Buffer.from(all.subarray(whole));
  }
  if (rest.length > 0) yield Buffer.from(rest.toString('base64'), 'latin1');
}
