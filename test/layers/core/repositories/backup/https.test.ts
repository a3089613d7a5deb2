import { execFile } from 'node:child_process';
import { appendFile, copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { redirect } from '../../../../support/git-faults.ts';
import { startGitServer, type GitServer } from '../../../../support/git-server.ts';
import { selfSignedCertificate } from '../../../../support/http-listener.ts';
import { startProxy } from '../../../../support/proxy.ts';
import { createRepository, refsOf, useTemporaryFolders } from '../../../../support/repositories.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../../../support/back-up-once.ts', import.meta.url));

/** Node reads the authorities that it trusts when it starts, so each backup here has its own process. */
describe('a backup over https', () => {
  const folder = useTemporaryFolders();
  const servers: { close(): Promise<void> }[] = [];
  let root: string;
  let selfSigned: Certificate;
  let issued: Certificate;
  let authority: Authority;

  before(async () => {
    root = await folder();
    await createRepository(join(root, 'app.git'), { commits: 2, branches: ['topic'] });
    selfSigned = await selfSignedCertificate();
    authority = await createAuthority(await folder());
    issued = await authority.issue('IP:127.0.0.1,DNS:localhost');
    await appendFile(authority.file, selfSigned.cert);
  });

  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  async function start(tls?: Certificate): Promise<GitServer> {
    const server = await startGitServer({ root, ...(tls ? { tls } : {}) });
    servers.push(server);
    return server;
  }

  async function backUp(url: string, variables: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: authority.file, ...variables };
    const { stdout } = await run(process.execPath, ['--import', 'tsx', script, url, await folder()], { env });
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  it('works with an authority, or a certificate of its own, that NODE_EXTRA_CA_CERTS names', async () => {
    const { refs } = await refsOf(join(root, 'app.git'));
    for (const tls of [issued, selfSigned]) {
      const done = await backUp(`${(await start(tls)).url}/app.git`);
      expect(done).to.deep.equal({ kind: 'full', refs: Object.fromEntries(refs) });
    }
  });

  it('works with an authority that git, OpenSSL, curl or the AWS CLI is told of', async () => {
    const home = await folder();
    const certificates = await folder();
    await copyFile(authority.file, join(certificates, 'company.crt'));
    const url = `${(await start(issued)).url}/app.git`;
    const ways: Record<string, string>[] = [
      { GIT_SSL_CAINFO: authority.file },
      { SSL_CERT_FILE: authority.file },
      { CURL_CA_BUNDLE: authority.file },
      { AWS_CA_BUNDLE: authority.file },
      { GIT_SSL_CAPATH: certificates },
      { SSL_CERT_DIR: `/does/not/exist:${certificates}` },
    ];
    const outcomes = await Promise.all(ways.map((way) => backUp(url, { NODE_EXTRA_CA_CERTS: '', ...way })));
    expect(outcomes.map(({ kind, message }) => kind ?? message)).to.deep.equal(ways.map(() => 'full'));
    // For the port of this server, as git itself matches it.
    await writeFile(join(home, '.gitconfig'), `[http "${new URL(url).origin}"]\n\tsslCAInfo = ${authority.file}\n`);
    expect(await backUp(url, { NODE_EXTRA_CA_CERTS: '', HOME: home })).to.include({ kind: 'full' });
  });

  it('still trusts what Node itself trusts where another authority is named', async () => {
    const other = await createAuthority(await folder());
    const url = `${(await start(issued)).url}/app.git`;
    expect(await backUp(url, { SSL_CERT_FILE: other.file })).to.include({ kind: 'full' });
    expect(await backUp(url, { SSL_CERT_FILE: other.file, NODE_EXTRA_CA_CERTS: '' })).to.include({
      code: 'Unavailable',
    });
  });

  it('says which variable names no certificates', async () => {
    const url = `${(await start(issued)).url}/app.git`;
    const empty = join(await folder(), 'empty.pem');
    await writeFile(empty, '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n');
    for (const file of [empty, join(root, 'absent.pem')]) {
      const failure = await backUp(url, { GIT_SSL_CAINFO: file });
      expect(failure).to.include({ code: 'ConfigurationInvalid', transient: false });
      expect(failure['message']).to.include('GIT_SSL_CAINFO').and.to.include(file);
    }
  });

  it('goes through the tunnel that https_proxy names', async () => {
    const [server, proxy] = [await start(issued), await startProxy()];
    servers.push(proxy);
    const https_proxy = proxy.url.replace('//', '//me:word@');
    const done = await backUp(`https://localhost:${server.port}/app.git`, { https_proxy });
    expect(done).to.include({ kind: 'full' });
    expect(new Set(proxy.asked)).to.deep.equal(new Set([`CONNECT localhost:${server.port}`]));
    expect(new Set(proxy.logins)).to.deep.equal(new Set([`Basic ${Buffer.from('me:word').toString('base64')}`]));
    expect(server.requests).to.have.length(3);
  });

  it('trusts a named authority through the tunnel too, and as that of a proxy which is reached by https', async () => {
    const home = await folder();
    const server = await start(issued);
    const proxies = [await startProxy(), await startProxy({ tls: issued })];
    servers.push(...proxies);
    await writeFile(join(home, '.gitconfig'), `[http]\n\tsslCAInfo = ${authority.file}\n`);
    const ways: Record<string, string>[] = [
      { GIT_SSL_CAINFO: authority.file },
      { SSL_CERT_FILE: authority.file },
      { HOME: home },
    ];
    for (const proxy of proxies) {
      const { url: https_proxy } = proxy;
      const url = `${server.url}/app.git`;
      const outcomes = await Promise.all(
        ways.map((way) => backUp(url, { NODE_EXTRA_CA_CERTS: '', https_proxy, ...way })),
      );
      expect(outcomes.map(({ kind, message }) => kind ?? message)).to.deep.equal(ways.map(() => 'full'));
      expect(new Set(proxy.asked)).to.deep.equal(new Set([`CONNECT ${new URL(url).host}`]));
    }
  });

  it('fails at once, and says what to do, when the certificate is that of a proxy and nobody knows it', async () => {
    const server = await start(issued);
    const proxy = await startProxy({ tls: selfSigned });
    servers.push(proxy);
    const failure = await backUp(`https://localhost:${server.port}/app.git`, {
      NODE_EXTRA_CA_CERTS: '',
      https_proxy: proxy.url,
    });
    expect(failure).to.include({ code: 'Unavailable', transient: false });
    expect(failure['message']).to.include('the proxy');
    expect(failure['advice']).to.include('SSL_CERT_FILE');
    expect(proxy.asked).to.deep.equal([]);
  });

  it('fails at once, and says what to do, when the certificate is that of nobody who is known', async () => {
    for (const tls of [selfSigned, issued]) {
      const server = await start(tls);
      const failure = await backUp(`${server.url}/app.git`, { NODE_EXTRA_CA_CERTS: '' });
      expect(failure).to.include({ code: 'Unavailable', transient: false });
      expect(failure['advice']).to.include('NODE_EXTRA_CA_CERTS');
      expect(server.requests).to.deep.equal([]);
    }
  });

  it('fails at once when the certificate is that of another host', async () => {
    const proxy = await startProxy();
    servers.push(proxy);
    for (const [names, variables] of [
      ['DNS:other.example.org', {}],
      ['DNS:localhost', { https_proxy: proxy.url }],
    ] as const) {
      const server = await start(await authority.issue(names));
      const failure = await backUp(`${server.url}/app.git`, variables);
      expect(failure).to.include({ code: 'Unavailable', transient: false });
      expect(failure['advice']).to.include('certificate');
      expect(server.requests).to.deep.equal([]);
    }
    expect(proxy.asked).to.not.deep.equal([]);
  });

  it('does not follow a redirect to http', async () => {
    const [server, plain] = [await start(issued), await start()];
    server.faults.push(redirect({ to: plain.url }));
    const failure = await backUp(`${server.url}/app.git`);
    expect(failure).to.include({ code: 'Unavailable', transient: false });
    expect(failure['message']).to.include('less safe');
    expect(plain.requests).to.deep.equal([]);
  });

  it('is where a redirect from http may lead', async () => {
    const [server, plain] = [await start(issued), await start()];
    plain.faults.push(redirect({ to: server.url }));
    expect((await backUp(`${plain.url}/app.git`))['kind']).to.equal('full');
    expect(plain.requests).to.have.length(1);
  });
});

interface Certificate {
  key: string;
  cert: string;
}

interface Authority {
  /** Its own certificate. */
  file: string;
  /** A certificate for these names, such as `DNS:localhost`, without that of the authority. */
  issue(names: string): Promise<Certificate>;
}

async function createAuthority(folder: string): Promise<Authority> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...key, '-days', '1', '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  const issue = async (names: string) => {
    await openssl('req', ...key, '-subj', '/CN=issued', '-keyout', 'leaf.key', '-out', 'leaf.csr');
    await writeFile(join(folder, 'names'), `subjectAltName=${names}\n`);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1', '-extfile', 'names'];
    await openssl('x509', '-req', '-in', 'leaf.csr', ...signing, '-out', 'leaf.pem');
    const read = (name: string) => readFile(join(folder, name), 'utf8');
    return { key: await read('leaf.key'), cert: await read('leaf.pem') };
  };
  return { file: join(folder, 'ca.pem'), issue };
}
