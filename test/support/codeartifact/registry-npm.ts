/**
 * npm's registry: packuments, tarballs, publishing, dist-tags.
 * https://docs.aws.amazon.com/codeartifact/latest/ug/npm-commands.html says what CodeArtifact serves of it.
 */
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import * as v from 'valibot';
import { collect } from '../streams.ts';
import type { Content } from './content.ts';
import { isReadable, packageKey, type Package, type PackageVersion } from './model.ts';
import { detailsOf, nameOf, type NpmName } from './npm-details.ts';
import { readNpmDocument, type NpmDocument, type NpmManifest } from './npm-document.ts';
import { badRequest } from './problem.ts';
import { publish } from './publishing.ts';
import { notFound, type RegistryAnswer, type RegistryCall } from './registry-call.ts';

const assetName = 'package.tgz';

export async function answerNpm(call: RegistryCall): Promise<RegistryAnswer> {
  const { method, path } = call;
  if (path === '-/ping') return { status: 200, body: {} };
  const [, tagged, tag] = /^-\/package\/((?:@[^/]+\/)?[^/]+)\/dist-tags(?:\/([^/]+))?$/.exec(path) ?? [];
  if (tagged !== undefined) return distTags(call, nameOf(tagged), tag);
  const [, full, rest = ''] = /^((?:@[^/]+\/)?[^@/-][^/]*)(?:\/(.+))?$/.exec(path) ?? [];
  if (full === undefined) return notFound;
  const name = nameOf(full);
  if (method === 'PUT') return put(call, name);
  if (method !== 'GET' && method !== 'HEAD') return { status: 405 };
  const of = call.repository.packages.get(packageKey(name));
  if (!of) return notFound;
  if (rest === '') return { status: 200, body: await packument(call, of, full) };
  if (rest.startsWith('-/')) return tarball(of, rest);
  const found = of.versions.get(of.tags.get(rest) ?? rest);
  return found && isReadable(found) ? { status: 200, body: await manifestOf(call, found, full) } : notFound;
}

function tarball(of: Package, rest: string): RegistryAnswer {
  const version = rest.slice(`-/${of.name}-`.length, -'.tgz'.length);
  const found = of.versions.get(version);
  const content = found && isReadable(found) ? found.assets.get(assetName) : undefined;
  return content ? { status: 200, content } : notFound;
}

async function packument(call: RegistryCall, of: Package, full: string): Promise<object> {
  const listed = of.versions.values().filter(({ status }) => status === 'Published');
  const versions: Record<string, object> = {};
  const time: Record<string, string> = {};
  for (const one of listed) {
    versions[one.version] = await manifestOf(call, one, full);
    time[one.version] = one.publishedAt.toISOString();
  }
  const tags = [...of.tags].filter(([, version]) => version in versions);
  return { _id: full, name: full, 'dist-tags': Object.fromEntries(tags), versions, time };
}

async function manifestOf({ base }: RegistryCall, one: PackageVersion, full: string): Promise<object> {
  const content = one.assets.get(assetName);
  if (!content) return {};
  const manifest = (one.details.manifest ??= await manifestIn(content));
  const { 'SHA-1': shasum, 'SHA-256': sha256, 'SHA-512': sha512 } = await content.hashes();
  const [algorithm, hex] = sha512 === undefined ? ['sha256', sha256] : ['sha512', sha512];
  const integrity = `${algorithm}-${Buffer.from(hex, 'hex').toString('base64')}`;
  const url = `${base}${full}/-/${one.package.name}-${one.version}.tgz`;
  return { ...manifest, _id: `${full}@${one.version}`, dist: { integrity, shasum, tarball: url } };
}

/** What the `package.json` of a tarball says; nothing where it is no tarball. */
async function manifestIn(content: Content): Promise<Record<string, unknown>> {
  const tar = extract();
  let found: Record<string, unknown> = {};
  const search = async () => {
    for await (const entry of tar) {
      const whole = await collect(entry as AsyncIterable<Buffer>);
      if (!/^[^/]+\/package\.json$/.test(entry.header.name)) continue;
      found = v.parse(v.record(v.string(), v.unknown()), JSON.parse(whole.toString()));
    }
  };
  await Promise.allSettled([pipeline(content.read(), createGunzip(), tar), search()]);
  return found;
}

async function put(call: RegistryCall, name: NpmName): Promise<RegistryAnswer> {
  const of = arnOf(call, name);
  call.permit('PublishPackageVersion', of);
  const document = await readNpmDocument(call.body, call.receive);
  if (document.name !== name.full) throw badRequest(`the document is of ${document.name}`);
  const { tarball: content } = document;
  if (!content) return deprecate(call, name, document);
  const [manifest, ...others] = Object.values(document.versions);
  const [attachment] = Object.values(document._attachments);
  if (!manifest || others.length > 0) throw badRequest('one version can be published at once');
  if (attachment?.length !== undefined && attachment.length !== content.size) {
    throw badRequest(`the tarball has ${content.size} bytes, not ${attachment.length}`);
  }
  await checkIntegrity(manifest, content);
  const { version } = manifest;
  const assets = new Map([[assetName, content]]);
  const details = detailsOf(manifest);
  const made = await publish(call.state, call.repository, { ...name, version, assets, finished: true, details });
  for (const [tag, tagged] of Object.entries(document['dist-tags'])) made.package.tags.set(tag, tagged);
  return { status: 200, body: { ok: 'created new package' } };
}

async function checkIntegrity({ dist }: NpmManifest, content: Content): Promise<void> {
  const { 'SHA-1': sha1, 'SHA-512': sha512 = '' } = await content.hashes();
  const integrity = `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`;
  const stated = dist?.integrity?.split(' ').find((one) => one.startsWith('sha512-'));
  if (sha512 !== '' && (stated ?? integrity) !== integrity) throw badRequest(`the integrity is ${integrity}`);
  if (sha1 !== undefined && (dist?.shasum ?? sha1) !== sha1) throw badRequest(`the shasum is ${sha1}`);
}

/** `npm deprecate` puts the whole document without a tarball. */
function deprecate({ state, repository }: RegistryCall, name: NpmName, { versions }: NpmDocument): RegistryAnswer {
  for (const [version, { deprecated }] of Object.entries(versions)) {
    const found = state.findVersion(repository, { ...name, version });
    if (!found) throw badRequest(`version ${version} has no tarball`);
    const { manifest = { name: name.full, version } } = found.details;
    if (deprecated !== manifest['deprecated']) state.describe(found, { manifest: { ...manifest, deprecated } });
  }
  return { status: 200, body: { ok: true } };
}

async function distTags(call: RegistryCall, name: NpmName, tag: string | undefined): Promise<RegistryAnswer> {
  const of = call.repository.packages.get(packageKey(name));
  if (!of) return notFound;
  if (call.method === 'GET') return { status: 200, body: Object.fromEntries(of.tags) };
  call.permit('PutPackageMetadata', of.arn);
  if (tag === undefined) return { status: 405 };
  if (call.method === 'DELETE') return of.tags.delete(tag) ? { status: 200, body: { ok: true } } : notFound;
  const version: unknown = JSON.parse((await collect(call.body)).toString());
  if (typeof version !== 'string' || !of.versions.get(version)) return notFound;
  of.tags.set(tag, version);
  return { status: 200, body: { ok: true } };
}

function arnOf({ repository: { domain, name: repository } }: RegistryCall, { namespace = '', package: name }: NpmName) {
  const path = [domain.name, repository, 'npm', namespace, name].join('/');
  return `arn:aws:codeartifact:${domain.region}:${domain.owner}:package/${path}`;
}
