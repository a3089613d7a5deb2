import { expect } from 'chai';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { listRefs } from '#core/git/fetch.ts';
import { HttpTransport } from '#core/git/http-transport.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { Backups, useHttp } from '../../../support/backups.ts';
import { redirect } from '../../../support/git-faults.ts';
import { answerWith, listen } from '../../../support/http-listener.ts';
import { startGitServer, type GitServer, type GitServerOptions } from '../../../support/git-server.ts';
import { createRepository, git, useTemporaryFolders } from '../../../support/repositories.ts';
import { failureIn, failureOf } from '../../../support/streams.ts';

describe('HttpTransport', () => {
  const folder = useTemporaryFolders();
  const http = useHttp();
  const open: { close(): Promise<void> }[] = [];
  let root: string;

  before(async () => {
    root = await folder();
    await createRepository(join(root, 'app.git'), { commits: 2 });
    await createRepository(join(root, 'moved/app.git'), { commits: 3, seed: 'moved' });
  });

  afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

  async function start(options: Omit<GitServerOptions, 'root'> = {}): Promise<GitServer> {
    const server = await startGitServer({ root, ...options });
    open.push(server);
    return server;
  }

  const paths = (server: GitServer) => server.requests.map(({ method, path }) => `${method} ${path}`);

  describe('follows a redirect', () => {
    for (const status of [301, 302, 307, 308] as const)
      it(`of status ${status}, and from there on goes to the new place at once`, async () => {
        const server = await start();
        const to = `${server.url}/moved/app.git/info/refs?service=git-upload-pack`;
        server.faults.push(redirect({ status, to: () => to }, { path: /^\/app\.git/ }));
        const transport = http(`${server.url}/app.git`);
        const backups = new Backups(await folder());
        await backups.expectRestorable(await backups.take(transport), join(root, 'moved/app.git'));
        expect(paths(server)).to.deep.equal([
          'GET /app.git/info/refs',
          'GET /moved/app.git/info/refs',
          'GET /moved/app.git/info/refs',
          'POST /moved/app.git/git-upload-pack',
        ]);
        expect(transport.address, 'what is printed stays what was given').to.equal(`${server.url}/app.git`);
      });

    it('that names only a path', async () => {
      const server = await start();
      server.faults.push(redirect({ to: () => '/moved/app.git/info/refs?service=git-upload-pack' }, { times: 1 }));
      expect((await listRefs(http(`${server.url}/app.git`))).refs.size).to.equal(1);
      expect(paths(server).at(-1)).to.equal('GET /moved/app.git/info/refs');
    });

    it('to another host without the credentials of the first, and with those for the other', async () => {
      const [first, second] = [await start(), await start()];
      first.faults.push(redirect({ to: second.url }));
      for (const known of [[first.port], [first.port, second.port]]) {
        const authorize = (url: URL) =>
          Promise.resolve(known.includes(Number(url.port)) ? `Bearer for-port-${url.port}` : undefined);
        const backups = new Backups(await folder());
        await backups.take(http(`${first.url}/app.git`, authorize));
        expect(first.requests.splice(0).map(({ headers }) => headers.authorization)).to.deep.equal([
          `Bearer for-port-${first.port}`,
        ]);
        const seen = second.requests.splice(0).map(({ headers }) => headers.authorization);
        const expected = known.includes(second.port) ? `Bearer for-port-${second.port}` : undefined;
        expect(seen).to.deep.equal([expected, expected, expected]);
      }
    });

    it('without the password that it carries', async () => {
      const server = await start();
      const to = `http://user:s3cr3t-word@127.0.0.1:${server.port}/moved/app.git/info/refs?service=git-upload-pack`;
      server.faults.push(redirect({ to: () => to }, { times: 1 }));
      await listRefs(http(`${server.url}/app.git`));
      expect(server.requests.map(({ hasAuthorization }) => hasAuthorization)).to.deep.equal([false, false]);
    });
  });

  describe('does not follow a redirect', () => {
    it('in a circle for ever', async () => {
      const server = await start();
      server.faults.push(redirect({ to: server.url }));
      expect((await failureOf(listRefs(http(`${server.url}/app.git`)))).code).to.equal('Unavailable');
      expect(server.requests.length).to.be.lessThan(10);
    });

    it('to a page that is no repository, such as a login', async () => {
      const server = await start();
      server.faults.push(redirect({ to: () => 'https://login.example.org/?back=x' }));
      const error = await failureOf(listRefs(http(`${server.url}/app.git`)));
      expect(error).to.include({ code: 'SourceMissing', transient: false });
      expect(error.message).to.include('login.example.org');
      expect(server.requests).to.have.length(1);
    });

    for (const to of ['ftp://127.0.0.1/app.git/info/refs', 'file:///etc/info/refs'])
      it(`to ${to.split(':', 1).join()}`, async () => {
        const server = await start();
        server.faults.push(redirect({ to: () => to }));
        const error = await failureOf(listRefs(http(`${server.url}/app.git`)));
        expect(error.code).to.equal('Unavailable');
        expect(server.requests).to.have.length(1);
      });

    it('that is no address', async () => {
      const server = await start();
      server.faults.push(redirect({ to: () => 'http://[nonsense/info/refs' }));
      expect((await failureOf(listRefs(http(`${server.url}/app.git`)))).code).to.equal('Unavailable');
    });

    it('of a request that carries a body', async () => {
      const server = await start();
      server.faults.push(
        redirect({ status: 307, to: () => `${server.url}/moved/app.git/git-upload-pack` }, { on: 'fetch' }),
      );
      const backups = new Backups(await folder());
      const error = await failureOf(backups.take(http(`${server.url}/app.git`)));
      expect(error.code).to.equal('Unavailable');
      expect(await backups.files()).to.deep.equal([]);
    });
  });

  describe('with credentials', () => {
    it('asks for newer ones once when they are refused, and goes on with those', async () => {
      const server = await start({ authorize: ({ secret }) => secret === 'token-two' });
      const asked: (string | undefined)[] = [];
      const transport = http(`${server.url}/app.git`, (_, refused) => {
        asked.push(refused);
        return Promise.resolve(refused === undefined ? 'Bearer first' : 'Bearer token-two');
      });
      expect((await listRefs(transport)).refs.size).to.equal(1);
      expect(asked).to.deep.equal([undefined, 'Bearer first']);
      expect(server.requests.map(({ status }) => status)).to.deep.equal([401, 200]);
    });

    it('fails when the newer ones are refused too, or there are none', async () => {
      const server = await start({ authorize: () => false });
      for (const [renewed, requests] of [
        ['Bearer token-two', 2],
        ['Bearer first', 1],
        [undefined, 1],
      ] as const) {
        server.requests.splice(0);
        const authorize = (_: URL, refused?: string) =>
          Promise.resolve(refused === undefined ? 'Bearer first' : renewed);
        const error = await failureOf(listRefs(http(`${server.url}/app.git`, authorize)));
        expect(error).to.include({ code: 'AccessDenied', transient: false });
        expect(error.advice).to.include('netrc');
        expect(server.requests).to.have.length(requests);
      }
    });

    it('gets them again when they are refused in the middle of a backup', async () => {
      let valid = 'old';
      const server = await start({
        authorize: ({ secret }) => secret === valid,
        intercept: ({ kind }) => {
          if (kind === 'fetch') valid = 'new';
          return false;
        },
      });
      const authorize = (_: URL, refused?: string) =>
        Promise.resolve(refused === undefined ? 'Bearer old' : 'Bearer new');
      const backups = new Backups(await folder());
      await backups.expectRestorable(
        await backups.take(http(`${server.url}/app.git`, authorize)),
        join(root, 'app.git'),
      );
    });

    it('refuses an address that holds a password, says where it belongs, and does not repeat it', () => {
      const client = new HttpClient();
      for (const url of [
        'https://user:s3cr3t-word@git.example.org/app.git',
        'https://s3cr3t-word@git.example.org/app.git',
      ]) {
        const error = failureIn(() => new HttpTransport(new URL(url), client));
        expect(error.code).to.equal('Usage');
        expect(error.advice).to.include('~/.netrc').and.to.include('git.example.org');
        expect(`${error.message} ${error.advice ?? ''} ${error.stack ?? ''}`).not.to.include('s3cr3t-word');
      }
    });
  });

  it('refuses a server of plain files, and says so', async () => {
    await git(join(root, 'app.git'), 'update-server-info');
    const files = await listen(async (request, response) => {
      const path = new URL(request.url ?? '/', 'http://server').pathname;
      answerWith(response, { status: 200, body: await readFile(join(root, path)) });
    });
    open.push(files);
    const error = await failureOf(listRefs(http(`${files.url}/app.git`)));
    expect(error).to.include({ code: 'SourceUnsupported', transient: false });
    expect(error.advice).to.include('dumb HTTP');
  });

  it('calls a server unavailable that nobody runs, or that hangs up', async () => {
    const silent = createServer((socket) => socket.destroy());
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const hangsUp = await failureOf(listRefs(http(`http://127.0.0.1:${port ?? 0}/app.git`)));
    expect(hangsUp).to.include({ code: 'Truncated', transient: true });
    silent.close();
    await once(silent, 'close');
    const nobody = await failureOf(listRefs(http(`http://127.0.0.1:${port ?? 0}/app.git`)));
    expect(nobody).to.include({ code: 'Unavailable', transient: true });
    expect(nobody.message).to.include('ECONNREFUSED');
  });
});
