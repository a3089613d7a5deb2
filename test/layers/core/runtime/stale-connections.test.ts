import { expect } from 'chai';
import { HttpTransport } from '#core/git/http-transport.ts';
import { HttpClient, type HttpBody } from '#core/runtime/http.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { CodeArtifactApi } from '#core/sources/codeartifact/api.ts';
import { unpaced } from '#core/sources/codeartifact/quotas.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';
import { Backups } from '../../../support/backups.ts';
import { startCodeArtifact } from '../../../support/codeartifact-server.ts';
import { startGitServer } from '../../../support/git-server.ts';
import { listen } from '../../../support/http-listener.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../../support/repositories.ts';
import { startS3Store } from '../../../support/s3-store.ts';
import { startStaleConnections, type StaleConnections } from '../../../support/stale-connections.ts';
import { store } from '../../../support/vault-content.ts';
import { collect, streamOf } from '../../../support/streams.ts';
import { setEnvironment } from '../../../support/vault-s3.ts';

/** Each client asks several times, and meets a server that closes each connection as it is used again. */
describe('a kept connection that the server closes as it is used again', () => {
  const folder = useTemporaryFolders();
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function before(port: number): Promise<StaleConnections> {
    const stale = await startStaleConnections(port);
    closing.push(() => stale.close());
    return stale;
  }

  function httpClient(): HttpClient {
    const client = new HttpClient();
    closing.push(() => client.close());
    return client;
  }

  it('costs no request over HTTP, whether or not its body can be sent twice', async () => {
    const server = await listen(async (request, response) => {
      response.end(await readWhole(request, 1 << 20, 'the request'));
    });
    closing.push(() => server.close());
    const { url } = await before(server.port);
    const client = httpClient();
    const parts = [Buffer.from('a'), Buffer.from('b')];
    const bodies: (() => HttpBody | undefined)[] = [
      () => undefined,
      () => ({ length: 2, chunks: parts }),
      () => ({ length: 2, chunks: streamOf(...parts) }),
      () => ({ length: undefined, chunks: streamOf(...parts) }),
    ];
    for (const [at, body] of [...bodies, ...bodies].entries()) {
      const given = body();
      const answer = await client.send({ method: 'POST', url: new URL(url), ...(given ? { body: given } : {}) });
      expect((await readWhole(answer.body, 100, 'the answer')).toString(), String(at)).to.equal(given ? 'ab' : '');
    }
  });

  it('costs no backup of a repository', async () => {
    const root = await folder();
    const path = await createRepository(`${root}/app.git`, { commits: 2 });
    const server = await startGitServer({ root });
    closing.push(() => server.close());
    const stale = await before(server.port);
    const client = httpClient();
    const backups = new Backups(await folder());
    for (let time = 0; time < 3; time++) {
      const taken = await backups.take(new HttpTransport(new URL(`${stale.url}/app.git`), client));
      await backups.expectRestorable(taken, path);
      await addCommit(path);
    }
    expect(stale.resets).to.be.above(0);
  });

  it('costs no object in S3', async () => {
    const s3 = await startS3Store();
    closing.push(() => s3.close());
    const stale = await before(Number(new URL(s3.endpoint).port));
    const variables = { AWS_ENDPOINT_URL_S3: stale.url, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
    closing.push(setEnvironment({ ...variables, AWS_REGION: 'us-east-1' }));
    const vault = await openVault('s3://backups/all');
    const large = Buffer.alloc(12 << 20, 'large');
    for (const [key, content] of [
      ['a', Buffer.from('a')],
      ['large', large],
      ['b', Buffer.from('b')],
    ] as const) {
      await store(vault, key, content);
      expect((await collect(vault.read(key))).equals(content), key).to.equal(true);
      await vault.create(`${key}.json`, content.subarray(0, 10));
    }
    for await (const _ of vault.list('')) continue;
    await vault.remove('a');
    expect(stale.resets).to.be.above(3);
  });

  it('costs no package', async () => {
    const registry = await startCodeArtifact();
    closing.push(() => registry.close());
    const repository = registry.addRepository(registry.addDomain('company'), 'libraries');
    registry.addVersion(repository, {
      format: 'generic',
      namespace: 'tools',
      package: 'hammer',
      version: '1.0',
      assets: { 'a.bin': 'a'.repeat(1000) },
    });
    const stale = await before(registry.port);
    const api = CodeArtifactApi.in('us-east-1', unpaced, {
      ...registry.clientConfig,
      endpoint: stale.url,
    });
    closing.push(() => api.close());
    const found: unknown[] = [];
    for (let time = 0; time < 3; time++) for await (const domain of api.domains()) found.push(domain);
    expect(found).to.have.length(3);
    expect(stale.resets).to.equal(2);
  });
});
