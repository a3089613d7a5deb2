import { createHash } from 'node:crypto';
import type { HttpBody } from '#core/runtime/http.ts';
import { nameOf } from '#core/sources/codeartifact/package-name.ts';
import type { StoredPackageVersion } from '../restore/stored-package.ts';
import { below, type Registry } from './publication.ts';

/** What Maven's own tools send with each file. */
export const checksums = ['md5', 'sha1'];

export async function putWithChecksums(
  registry: Registry,
  version: StoredPackageVersion,
  file: string,
  action: string,
  content: Buffer,
): Promise<void> {
  await putSmallFile(registry, version, file, action, content);
  for (const name of checksums) {
    const digest = createHash(name).update(content).digest('hex');
    await putSmallFile(registry, version, `${file}.${name}`, action, Buffer.from(digest));
  }
}

export async function putSmallFile(
  registry: Registry,
  version: StoredPackageVersion,
  file: string,
  action: string,
  content: Buffer,
): Promise<void> {
  const body = (): HttpBody => ({ length: content.length, chunks: [content] });
  await putFile(registry, version, file, { what: `publish ${file} of ${nameOf(version)}`, action, body });
}

/** Puts a file below the artifact's folder. @param action what IAM has to allow */
export async function putFile(
  { http, endpoint, needs }: Registry,
  version: StoredPackageVersion,
  file: string,
  { what, action, body }: { what: string; action: string; body: () => HttpBody },
): Promise<void> {
  const group = (version.namespace ?? '').split('.');
  const url = below(endpoint, ...group, version.name, ...file.split('/'));
  const headers = { 'content-type': 'application/octet-stream' };
  await http.send({ method: 'PUT', url, headers, body, scheme: 'Basic' }, what, needs(action, version));
}
