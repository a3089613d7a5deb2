import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import {
  cutBody,
  delayBody,
  errorPacket,
  failWith,
  flipByte,
  packet,
  redirect,
  sideBandError,
  slowBody,
  type Ending,
  type Fault,
} from './git-faults.ts';
import { bodyText } from './recorded-request.ts';
import { selfSignedCertificate } from './http-listener.ts';
import { startGitServer, type GitServer, type GitServerOptions } from './git-server.ts';
import {
  addCommit,
  copyRepository,
  createRepository,
  git,
  GitFailure,
  gitWith,
  manyRefs,
  refsOf,
  useTemporaryFolders,
} from './repositories.ts';

async function rejection(promise: Promise<unknown>): Promise<GitFailure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GitFailure) return error;
    throw error;
  }
  throw new Error('git succeeded');
}

/** The bytes on side-band 1 of a v0 answer. */
function packIn(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let start = 0, size: number; start < body.length; start += size) {
    size = Math.max(4, parseInt(body.toString('latin1', start, start + 4), 16));
    if (body[start + 4] === 1) pieces.push(body.subarray(start + 5, start + size));
  }
  return Buffer.concat(pieces);
}

/** Where two buffers differ; their lengths must not. */
function differences(a: Buffer, b: Buffer): number[] {
  expect(b.length).to.equal(a.length);
  return [...a.keys()].filter((index) => a[index] !== b[index]);
}

function basic(user: string, password: string): string {
  return `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

describe('git server', () => {
  const folder = useTemporaryFolders();
  const servers: GitServer[] = [];
  let root: string;

  before(async () => {
    root = await folder();
    const noise = Array.from({ length: 20_000 }, (_, index) => Math.imul(index, 2_654_435_761) >>> 0).join(' ');
    await createRepository(join(root, 'acme/app.git'), {
      commits: 5,
      branches: ['topic'],
      tags: ['light'],
      annotatedTags: ['v1'],
      files: { 'noise.txt': noise },
    });
  });

  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  async function start(options: Omit<GitServerOptions, 'root'> = {}): Promise<GitServer> {
    const server = await startGitServer({ root, ...options });
    servers.push(server);
    return server;
  }

  async function clone(server: GitServer, ...config: string[]): Promise<string> {
    const target = join(await folder(), 'clone.git');
    const args = config.flatMap((entry) => ['-c', entry]);
    await git(root, ...args, 'clone', '--quiet', '--mirror', `${server.url}/acme/app.git`, target);
    return target;
  }

  for (const version of [0, 1, 2]) {
    it(`serves a whole clone in protocol v${version} and records its requests`, async () => {
      const server = await start();
      const mirror = await clone(server, `protocol.version=${version}`);
      expect((await refsOf(mirror)).refs).to.deep.equal((await refsOf(join(root, 'acme/app.git'))).refs);
      const kinds = server.requests.map((request) => request.kind);
      expect(kinds).to.deep.equal(version === 2 ? ['info-refs', 'ls-refs', 'fetch'] : ['info-refs', 'fetch']);
      expect(server.requests[0]).to.include({ method: 'GET', path: '/acme/app.git/info/refs', status: 200 });
      expect(server.requests[0]?.headers['git-protocol']).to.equal(version === 0 ? undefined : `version=${version}`);
      expect(server.requests[0]?.hasAuthorization).to.equal(false);
      const fetch = server.requests.at(-1)!;
      expect(fetch.bodyBytes).to.be.greaterThan(0);
      expect(bodyText(fetch)).to.match(/want [0-9a-f]{40}/);
    });
  }

  it('answers in v0 whatever the client asks for when told so', async () => {
    const server = await start({ protocol: 'v0' });
    await clone(server, 'protocol.version=2');
    expect(server.requests.map((request) => request.kind)).to.deep.equal(['info-refs', 'fetch']);
  });

  it('takes pushes and compressed bodies', async () => {
    const server = await start();
    await createRepository(join(root, 'acme/target.git'), { commits: 0 });
    const origin = join(root, 'acme/app.git');
    await manyRefs(await createRepository(join(root, 'acme/many.git')), 30);
    await git(origin, 'push', '--quiet', '--mirror', `${server.url}/acme/target.git`);
    expect(await refsOf(join(root, 'acme/target.git'))).to.deep.equal(await refsOf(origin));
    expect(server.requests.at(-1)).to.include({ kind: 'receive-pack', status: 200 });

    await git(origin, 'fetch', '--quiet', `${server.url}/acme/many.git`, '+refs/*:refs/tmp/*', '--refmap=');
    await git(origin, 'fetch', '--quiet', `${server.url}/acme/target.git`);
    expect(server.requests.some((request) => request.headers['content-encoding'] === 'gzip')).to.equal(true);
    for (const name of (await refsOf(origin)).refs.keys()) {
      if (name.startsWith('refs/tmp/')) await git(origin, 'update-ref', '-d', name);
    }
  });

  it('asks for credentials and hands them to the callback', async () => {
    const seen: string[] = [];
    const server = await start({
      authorize: ({ scheme, user, secret, repository, write }) => {
        seen.push(`${scheme} ${user} ${repository} ${write}`);
        return secret === 'token' || (scheme === 'none' ? false : { status: 403, body: 'no\n' });
      },
    });
    const anonymous = await fetch(`${server.url}/acme/app.git/info/refs?service=git-upload-pack`);
    expect([anonymous.status, anonymous.headers.get('www-authenticate')]).to.deep.equal([401, 'Basic realm="git"']);
    await clone(server, `http.extraHeader=${basic('x-access-token', 'token')}`);
    await clone(server, 'http.extraHeader=Authorization: Bearer token');
    expect((await rejection(clone(server, `http.extraHeader=${basic('me', 'wrong')}`))).stderr).to.contain('403');
    expect(seen[0]).to.equal('none  acme/app.git false');
    expect(seen).to.include('basic x-access-token acme/app.git false').and.include('bearer  acme/app.git false');
    expect(server.requests.at(-1)?.hasAuthorization).to.equal(true);
  });

  it('refuses with any status, and what is no repository with 404, 400 or 403', async () => {
    const server = await start({ authorize: ({ repository }) => (repository === 'acme/app.git' ? 451 : true) });
    expect((await rejection(clone(server))).stderr).to.contain('451');
    const status = async (path: string) => (await fetch(server.url + path)).status;
    expect(await status('/acme/none.git/info/refs?service=git-upload-pack')).to.equal(404);
    expect(await status('/acme/other.git/info/refs')).to.equal(403);
    expect(await status('/acme/..%2f..%2fapp.git/info/refs?service=git-upload-pack')).to.equal(400);
    expect(await status('/elsewhere')).to.equal(400);
  });

  it('lets a test answer requests itself, and find repositories elsewhere', async () => {
    const server = await start({
      locate: (repository) => (repository === 'old.git' ? 'acme/app.git' : undefined),
      intercept: (request, response) => {
        if (request.path.startsWith('/mine/')) response.writeHead(418).end();
        return response.headersSent;
      },
    });
    expect((await fetch(`${server.url}/mine/info/refs`)).status).to.equal(418);
    expect(await git(root, 'ls-remote', `${server.url}/old.git`)).to.contain('refs/heads/topic');
    expect((await rejection(clone(server))).stderr).to.contain('not found');
  });

  it('serves https', async function () {
    const tls = await selfSignedCertificate().catch(() => {
      this.test!.title += ' (skipped: openssl is missing)';
      return this.skip();
    });
    const server = await start({ tls });
    const trusted = join(await folder(), 'ca.pem');
    await writeFile(trusted, tls.cert);
    expect(server.url).to.match(/^https:/);
    await clone(server, `http.sslCAInfo=${trusted}`);
    expect((await rejection(clone(server))).stderr).to.contain('certificate');
  });

  describe('faults', () => {
    async function failedClone(...faults: Fault[]): Promise<string> {
      const server = await start({ faults });
      const failure = await rejection(clone(server));
      return failure.stderr;
    }

    /** Fetches the whole pack as one answer in v0 and says how the answer ended. */
    async function fetchPack(server: GitServer): Promise<{ body: Buffer; ending: string }> {
      const tip = (await refsOf(join(root, 'acme/app.git'))).refs.get('refs/heads/main')!;
      const wants = `${packet(`want ${tip} side-band-64k no-progress\n`).toString()}0000${packet('done\n').toString()}`;
      const url = `${server.url}/acme/app.git/git-upload-pack`;
      const headers = { 'content-type': 'application/x-git-upload-pack-request' };
      return new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        const end = (ending: string) => resolve({ body: Buffer.concat(chunks), ending });
        const request = httpRequest(url, { method: 'POST', headers }, (response) => {
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => end('end'));
          response.on('error', (error) => end(error.message));
          response.setTimeout(1000, () => end('stall'));
        });
        request.on('error', reject);
        request.end(wants);
      });
    }

    for (const ending of ['end', 'close', 'reset', 'stall'] satisfies Ending[]) {
      it(`cuts the body and ends with ${ending}`, async () => {
        const server = await start({ faults: [cutBody({ after: 1000, ending })] });
        const { body, ending: seen } = await fetchPack(server);
        expect(body.length).to.equal(1000);
        expect(seen).to.equal({ end: 'end', stall: 'stall', close: 'aborted', reset: 'aborted' }[ending]);
      });
    }

    it('makes git fail when the pack is cut', async () => {
      expect(await failedClone(cutBody({ after: 5000, ending: 'end' }))).to.match(/early EOF|disconnect|invalid index/);
      expect(await failedClone(cutBody({ after: 5000, ending: 'reset' }))).to.match(/early EOF|disconnect|RPC failed/);
    });

    it('flips one byte of the body or of the pack in it', async () => {
      const server = await start({ config: { 'pack.threads': '1' } });
      const advertisement = async () => {
        const answer = await fetch(`${server.url}/acme/app.git/info/refs?service=git-upload-pack`);
        return Buffer.from(await answer.arrayBuffer());
      };
      const pack = async () => packIn((await fetchPack(server)).body);
      const [refs, data] = [await advertisement(), await pack()];
      server.faults.push(flipByte({ at: 40, mask: 1 }, { on: 'info-refs' }));
      server.faults.push(flipByte({ at: 70_000, within: 'pack', mask: 1 }));
      expect(differences(refs, await advertisement())).to.deep.equal([40]);
      expect(differences(data, await pack())).to.deep.equal([70_000]);
      server.faults.shift();
      expect((await rejection(clone(server))).stderr).to.match(/inflate|mismatch|bad|corrupt|invalid/i);
    });

    it('answers with a status for the first requests only', async () => {
      const fault = failWith({ status: 503, retryAfter: 7 }, { times: 2 });
      const server = await start({ faults: [fault] });
      const url = `${server.url}/acme/app.git/info/refs?service=git-upload-pack`;
      const answers = [await fetch(url), await fetch(url), await fetch(url)];
      expect(answers.map((answer) => answer.status)).to.deep.equal([503, 503, 200]);
      expect(answers[0]?.headers.get('retry-after')).to.equal('7');
      expect(fault.hits).to.equal(2);
      expect(server.requests.map((request) => request.faults)).to.deep.equal([['status 503'], ['status 503'], []]);
    });

    it('hits only the requests that match', async () => {
      const onPush = failWith({ status: 500 }, { on: 'receive-pack' });
      const onPath = failWith({ status: 500 }, { path: /elsewhere/ });
      const second = failWith({ status: 429 }, { on: 'upload-pack', skip: 1, times: 1 });
      const server = await start({ faults: [onPush, onPath, second] });
      expect((await rejection(clone(server))).stderr).to.contain('429');
      expect(server.requests.map((request) => request.status)).to.deep.equal([200, 200, 429]);
      expect([onPush.hits, onPath.hits, second.hits]).to.deep.equal([0, 0, 1]);
      await clone(server);
      const push = git(join(root, 'acme/app.git'), 'push', `${server.url}/acme/app.git`, 'main:refs/heads/new');
      expect((await rejection(push)).stderr).to.contain('500');
    });

    for (const status of [301, 302, 307] as const) {
      it(`redirects with ${status}`, async () => {
        const target = await start();
        const server = await start({ faults: [redirect({ status, to: target.url }, { on: 'info-refs' })] });
        await clone(server);
        expect(server.requests.map((request) => request.status)).to.deep.equal([status]);
        expect(target.requests.map((request) => request.status)).to.deep.equal([200, 200, 200]);
      });
    }

    it('refuses in the Git protocol', async () => {
      expect(await failedClone(errorPacket({ message: 'gone away' }))).to.contain('remote error: gone away');
      const onFetch = errorPacket({ message: 'too busy' }, { on: 'fetch' });
      expect(await failedClone(onFetch)).to.contain('remote error: too busy');
    });

    it('breaks off with an error on side-band 3', async () => {
      expect(await failedClone(sideBandError({ after: 0, message: 'at once' }))).to.contain('remote: at once');
      expect(await failedClone(sideBandError({ after: 9000, message: 'half way' }))).to.contain('remote: half way');
    });

    it('slows and delays the answer, and composes', async () => {
      const faults = [slowBody({ bytesPerSecond: 20_000 }), cutBody({ after: 4000, ending: 'end' })];
      const server = await start({ faults });
      const started = performance.now();
      expect((await fetchPack(server)).body.length).to.equal(4000);
      expect(performance.now() - started).to.be.greaterThan(150);
      expect(server.requests[0]?.faults).to.deep.equal(['20000 bytes/s', 'end after 4000 bytes']);

      server.faults.splice(0, 2, delayBody({ milliseconds: 200 }));
      const delayed = performance.now();
      await fetch(`${server.url}/acme/app.git/info/refs?service=git-upload-pack`);
      expect(performance.now() - delayed).to.be.greaterThan(190);
    });
  });
});

describe('test repositories', () => {
  const folder = useTemporaryFolders();

  it('come out the same every time', async () => {
    const shape = { commits: 3, branches: ['a'], tags: ['t'], annotatedTags: ['v1'], notes: true, pulls: 2 };
    const first = await refsOf(await createRepository(join(await folder(), 'a.git'), shape));
    const second = await refsOf(await createRepository(join(await folder(), 'b.git'), shape));
    expect(first).to.deep.equal(second);
    expect([...first.refs.keys()]).to.deep.equal([
      'refs/heads/a',
      'refs/heads/main',
      'refs/notes/commits',
      'refs/pull/1/head',
      'refs/pull/1/merge',
      'refs/pull/2/head',
      'refs/pull/2/merge',
      'refs/tags/t',
      'refs/tags/v1',
    ]);
    expect(first.head).to.deep.equal({ symref: 'refs/heads/main', oid: first.refs.get('refs/heads/main') });
  });

  it('have HEAD detached, unborn or on a branch, and may be empty or SHA-256', async () => {
    const root = await folder();
    const detached = await refsOf(await createRepository(join(root, 'd.git'), { head: 'detached' }));
    expect(detached.head).to.deep.equal({ oid: detached.refs.get('refs/heads/main') });
    const unborn = await refsOf(await createRepository(join(root, 'u.git'), { head: 'unborn' }));
    expect(unborn.head).to.deep.equal({ symref: 'refs/heads/unborn' });
    const empty = await refsOf(await createRepository(join(root, 'e.git'), { commits: 0, defaultBranch: 'trunk' }));
    expect(empty).to.deep.equal({ refs: new Map(), head: { symref: 'refs/heads/trunk' } });
    const sha256 = await createRepository(join(root, 's.git'), { objectFormat: 'sha256', annotatedTags: ['v1'] });
    expect((await refsOf(sha256)).head.oid).to.have.length(64);
    await git(sha256, 'fsck', '--strict');
  });

  it('grow by commits, also on new and rewritten branches', async () => {
    const path = await createRepository(join(await folder(), 'r.git'), { commits: 3 });
    const before = (await refsOf(path)).refs.get('refs/heads/main');
    const next = await addCommit(path, { files: { 'a b/ü.txt': 'x' }, message: 'More' });
    expect(await git(path, 'rev-parse', 'main^')).to.equal(before);
    expect(await git(path, 'show', `${next}:a b/ü.txt`)).to.equal('x');
    await addCommit(path, { branch: 'new' });
    expect(await git(path, 'rev-list', '--count', 'new')).to.equal('1');
    await addCommit(path, { from: 'main~2' });
    expect(await git(path, 'rev-list', '--count', 'main')).to.equal('3');
    await git(path, 'fsck', '--strict');
  });

  it('hold refs by the hundred thousand', async () => {
    const path = await createRepository(join(await folder(), 'm.git'), { branches: ['z'], annotatedTags: ['v1'] });
    const before = (await refsOf(path)).refs;
    await manyRefs(path, 100_000);
    const { refs } = await refsOf(path);
    expect(refs.size).to.equal(before.size + 100_000);
    for (const [name, oid] of before) expect(refs.get(name)).to.equal(oid);
    expect(await git(path, 'rev-parse', 'refs/heads/many/0054321')).to.equal(before.get('refs/heads/main'));
    expect(await readFile(join(path, 'packed-refs'), 'utf8')).to.match(/tags\/v1\n\^[0-9a-f]{40}\n/);
  });

  it('are copied with a commit of their own', async () => {
    const root = await folder();
    const template = await createRepository(join(root, 't.git'), { commits: 2 });
    for (const name of ['one', 'two']) await copyRepository(template, join(root, name), name);
    const tips = [await git(join(root, 'one'), 'rev-parse', 'main'), await git(join(root, 'two'), 'rev-parse', 'main')];
    expect(tips[0]).not.to.equal(tips[1]);
    expect(await git(join(root, 'two'), 'show', 'main:README.md')).to.equal('two');
    await git(join(root, 'one'), 'fsck', '--strict');
  });

  it('say why git failed', async () => {
    const failure = await rejection(gitWith({ cwd: await folder(), env: { LC_ALL: 'C' } }, 'rev-parse', 'HEAD'));
    expect(failure.message).to.contain('rev-parse HEAD').and.to.contain('not a git repository');
  });
});
