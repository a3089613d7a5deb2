import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { nameOf, type PackageName } from '#core/sources/codeartifact/package-name.ts';
import type { StoredPackageVersion } from '../restore/stored-package.ts';
import { npmBody, npmDocument } from './npm-document.ts';
import { below, publishing, type Publish, type Registry } from './publication.ts';

/** The tag for versions without one: npm publishes nothing without a tag, and would take `latest`. */
export const restoreTag = 'holdfast-restore';

/**
 * Publishes an npm package by one document, as `npm publish` does; the tarball in it is byte by byte the stored one.
 * @param tagOf a tag that the version had, and that no version in the registry has
 */
export function publishNpm(tagOf: (version: StoredPackageVersion) => Promise<string | undefined>): Publish {
  return async (registry, { version, missing, onBytes }) => {
    const [tarball, ...more] = missing;
    if (!tarball || more.length > 0 || version.assets.length > 1)
      throw new HoldfastError('SourceUnsupported', `${nameOf(version)} ${version.version} has more than one tarball`);
    const { http, endpoint, needs } = registry;
    const document = await npmDocument(version, tarball, endpoint, (await tagOf(version)) ?? restoreTag);
    await http.send(
      {
        method: 'PUT',
        url: below(endpoint, nameOf(version)),
        headers: { 'content-type': 'application/json', accept: '*/*' },
        body: npmBody(document, tarball, onBytes),
        scheme: 'Bearer',
      },
      publishing(tarball, version),
      needs('codeartifact:PublishPackageVersion', version),
    );
  };
}

const tagsSchema = v.record(v.string(), v.string());

/** The tags of a package; none where there is no such package. */
export async function npmTags(
  registry: Pick<Registry, 'http' | 'endpoint'>,
  name: PackageName,
): Promise<Record<string, string>> {
  const { http, endpoint } = registry;
  const url = below(endpoint, '-', 'package', nameOf(name), 'dist-tags');
  const what = `read the tags of ${nameOf(name)}`;
  const needs = 'codeartifact:ReadFromRepository on the repository';
  const { status, body } = await http.send({ method: 'GET', url, scheme: 'Bearer' }, what, needs, [404]);
  return status === 404 ? {} : parseJson(tagsSchema, body.toString('utf8'), 'the list of tags', 'ProtocolViolation');
}

/** @param version undefined to take the tag away */
export async function setNpmTag(
  { http, endpoint }: Registry,
  name: PackageName,
  tag: string,
  version: string | undefined,
): Promise<void> {
  const url = below(endpoint, '-', 'package', nameOf(name), 'dist-tags', tag);
  const what = `set the tag ${tag} of ${nameOf(name)}`;
  const needs = 'codeartifact:PublishPackageVersion on the package';
  if (version === undefined) {
    await http.send({ method: 'DELETE', url, scheme: 'Bearer' }, what, needs, [404]);
    return;
  }
  const content = Buffer.from(JSON.stringify(version));
  const body = () => ({ length: content.length, chunks: [content] });
  const headers = { 'content-type': 'application/json' };
  await http.send({ method: 'PUT', url, headers, body, scheme: 'Bearer' }, what, needs);
}
