/** Registries of formats that the stand-in serves by the API alone: they take what is published, and note how. */
import type { Publish, Registry } from '#core/packages/publish/publication.ts';
import { RegistryApi } from '#core/sources/codeartifact/registry-api.ts';
import { RegistryHttp } from '#core/packages/registry/registry-http.ts';
import { RegistryToken } from '#core/packages/registry/registry-token.ts';
import type { StoredPackageVersion } from '#core/packages/restore/stored-package.ts';
import type { HttpBody } from '#core/runtime/http.ts';
import { HttpClient } from '#core/runtime/http.ts';
import type { Answer } from '../../../../support/git-faults.ts';
import { answerWith, listen } from '../../../../support/http-listener.ts';
import { collect } from '../../../../support/streams.ts';
import { sha256 } from '../../../../support/vault-content.ts';
import { quick, region } from './package-vault.ts';

export interface Published {
  method: string;
  path: string;
  headers: NodeJS.Dict<string | string[]>;
  body: Buffer;
}

/** Answers each request in turn as it is told, the last way for ever, and gives back what came. */
export async function publishBy(
  publish: Publish,
  version: StoredPackageVersion,
  answers: readonly Answer[] = [{ status: 201 }],
  token = 'the token of the small registry',
): Promise<Published[]> {
  const came: Published[] = [];
  const server = await listen(async (request, response) => {
    const body = await collect(request);
    const { method = '', url: path = '', headers } = request;
    came.push({ method, path, headers, body });
    answerWith(response, answers[Math.min(came.length, answers.length) - 1] ?? { status: 500 });
  });
  const http = new HttpClient({ stallMs: 5_000 });
  const endpoint = new URL(`${server.url}/registry/`);
  const api = new RegistryApi({ region, domain: 'company', account: undefined, repository: 'libraries' });
  const given = new RegistryToken({
    token: () => Promise.resolve({ authorizationToken: token, expiration: new Date(Date.now() + 1e7) }),
  });
  const registry: Registry = {
    api,
    http: new RegistryHttp({ http, token: given, origin: endpoint.origin, policy: quick }),
    endpoint,
    needs: (action) => `${action} on the package`,
    policy: quick,
    signal: undefined,
  };
  try {
    await publish(registry, { version, missing: version.assets, existing: undefined, onBytes: () => undefined });
    return came;
  } finally {
    api.close();
    http.close();
    await server.close();
  }
}

/** A version whose assets are in memory. */
export function versionInMemory(
  place: Pick<StoredPackageVersion, 'format' | 'namespace' | 'name' | 'version'>,
  assets: Readonly<Record<string, string | Buffer>>,
): StoredPackageVersion {
  return {
    ...place,
    snapshot: '2026-01-01T000000.000Z',
    metadata: {},
    assets: Object.entries(assets).map(([name, content]) => {
      const bytes = Buffer.from(content);
      return { name, bytes: bytes.length, sha256: sha256(bytes), read: () => chunksOf(bytes) };
    }),
  };
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1000) {
    await Promise.resolve();
    yield bytes.subarray(at, at + 1000);
  }
}

export async function bodyBytes({ chunks }: HttpBody): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** A form as a server reads it: the names and contents of its files, and its other fields. */
export async function readForm(
  body: Buffer,
  contentType: string,
): Promise<{ files: [field: string, fileName: string, content: string][]; fields: [name: string, value: string][] }> {
  const response = new Response(new Uint8Array(body), { headers: { 'content-type': contentType } });
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- what it warns of, large forms, is not the matter here
  const form = await response.formData();
  const files: [string, string, string][] = [];
  const fields: [string, string][] = [];
  for (const [name, value] of form) {
    if (typeof value === 'string') fields.push([name, value]);
    else files.push([name, value.name, await value.text()]);
  }
  return { files, fields };
}
