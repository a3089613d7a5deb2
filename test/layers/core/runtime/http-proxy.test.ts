import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { listRefs } from '#core/git/fetch.ts';
import { HttpTransport } from '#core/git/http-transport.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { Backups } from '../../../support/backups.ts';
import { startGitServer, type GitServer } from '../../../support/git-server.ts';
import { startProxy } from '../../../support/proxy.ts';
import { createRepository, useTemporaryFolders } from '../../../support/repositories.ts';
import { failureOf } from '../../../support/streams.ts';

const variables = [
  'http_proxy',
  'HTTP_PROXY',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
];

/** Through https see test/layers/core/repositories/backup/https.test.ts. */
describe('a proxy', () => {
  const folder = useTemporaryFolders();
  const open: { close(): Promise<void> | void }[] = [];
  const ambient = new Map(variables.map((name) => [name, process.env[name]]));
  let server: GitServer;
  let root: string;

  before(async () => {
    root = await folder();
    await createRepository(join(root, 'app.git'), { commits: 2 });
  });

  beforeEach(async () => {
    for (const name of variables) Reflect.deleteProperty(process.env, name);
    server = await startGitServer({ root });
    open.push(server);
  });

  afterEach(async () => {
    for (const [name, value] of ambient)
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    for (const each of open.splice(0)) await each.close();
  });

  function transport(host = '127.0.0.1'): HttpTransport {
    const client = new HttpClient({ stallMs: 20_000 });
    open.push(client);
    return new HttpTransport(new URL(`http://${host}:${server.port}/app.git`), client);
  }

  async function proxied(refuse?: number) {
    const proxy = await startProxy(refuse === undefined ? {} : { refuse });
    open.push(proxy);
    return proxy;
  }

  it('is used where http_proxy names it, with its user and password', async () => {
    const proxy = await proxied();
    process.env['http_proxy'] = proxy.url.replace('//', '//me:word@');
    const backups = new Backups(await folder());
    await backups.expectRestorable(await backups.take(transport()), join(root, 'app.git'));
    expect(proxy.asked).to.deep.equal([
      `GET http://127.0.0.1:${server.port}/app.git/info/refs?service=git-upload-pack`,
      `GET http://127.0.0.1:${server.port}/app.git/info/refs?service=git-upload-pack`,
      `POST http://127.0.0.1:${server.port}/app.git/git-upload-pack`,
    ]);
    expect(new Set(proxy.logins)).to.deep.equal(new Set([`Basic ${Buffer.from('me:word').toString('base64')}`]));
    expect(server.requests).to.have.length(3);
  });

  it('is named where it cannot be reached, without its login', async () => {
    const proxy = await startProxy();
    await proxy.close();
    for (const scheme of ['http', 'https']) {
      process.env[`${scheme}_proxy`] = proxy.url.replace('//', '//me:password-7@');
      const client = new HttpClient();
      open.push(client);
      const error = await failureOf(client.send({ method: 'GET', url: new URL(`${scheme}://host.example/`) }));
      expect(error).to.include({ code: 'Unavailable', transient: true });
      expect(error.message).to.include(`the proxy ${proxy.url}: `);
      expect(inspect(error)).to.not.include('password-7');
    }
  });

  it('is not used for the hosts that no_proxy names, and those alone', async () => {
    const proxy = await proxied();
    process.env['http_proxy'] = proxy.url;
    process.env['no_proxy'] = 'example.org,127.0.0.1';
    await listRefs(transport());
    expect(proxy.asked).to.deep.equal([]);
    await listRefs(transport('localhost'));
    expect(proxy.asked).to.have.length(1);
  });

  it('is not used where nothing names it', async () => {
    const proxy = await proxied();
    process.env['https_proxy'] = proxy.url;
    await listRefs(transport());
    expect(proxy.asked).to.deep.equal([]);
  });

  it('that refuses, or that nobody runs, is an error that does not hold its password', async () => {
    const proxy = await proxied(407);
    for (const [url, code, word] of [
      [proxy.url, 'AccessDenied', '407'],
      ['http://127.0.0.1:1', 'Unavailable', 'ECONNREFUSED'],
    ] as const) {
      process.env['http_proxy'] = url.replace('//', '//me:s3cr3t-word@');
      const error = await failureOf(listRefs(transport()));
      expect(error.code).to.equal(code);
      expect(error.message).to.include(word);
      expect(inspect(error, { depth: 10, showHidden: true })).not.to.include('s3cr3t-word');
    }
    expect(server.requests).to.deep.equal([]);
  });
});
