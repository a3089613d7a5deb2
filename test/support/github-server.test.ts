import { expect } from 'chai';
import { join } from 'node:path';
import { cutBody, delayBody, failWith } from './git-faults.ts';
import { dropPage, repeatPage } from './github/state.ts';
import { secondaryLimit } from './github/api.ts';
import { seedGitHub, startGitHub, type GitHub } from './github-server.ts';
import { git, refsOf, useTemporaryFolders } from './repositories.ts';

const token = 'ghp_test';

interface Reply {
  status: number;
  body: unknown;
  headers: Headers;
}

function fullNames(list: unknown): string[] {
  if (!Array.isArray(list)) throw new Error('not a list');
  return list.map((entry: unknown) => {
    const named = typeof entry === 'object' && entry !== null && 'full_name' in entry;
    if (!named || typeof entry.full_name !== 'string') throw new Error('not a repository');
    return entry.full_name;
  });
}

describe('GitHub stand-in', () => {
  const folder = useTemporaryFolders();
  let github: GitHub;

  beforeEach(async () => {
    github = await startGitHub({
      root: await folder(),
      accounts: [
        { login: 'octo' },
        { login: 'guest' },
        { login: 'acme', type: 'Organization', members: ['octo'] },
        { login: 'other', type: 'Organization' },
      ],
      tokens: { [token]: 'octo', ghp_guest: 'guest' },
    });
  });

  afterEach(() => github.close());

  async function get(
    path: string,
    { as = token, headers = {} }: { as?: string; headers?: object } = {},
  ): Promise<Reply> {
    const authorization = as === '' ? {} : { authorization: `Bearer ${as}` };
    const url = path.startsWith('http') ? path : github.apiUrl + path;
    const response = await fetch(url, { headers: { ...authorization, ...headers }, redirect: 'manual' });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
  }

  async function names(path: string, options: { as?: string } = {}): Promise<string[]> {
    return fullNames((await get(path, options)).body);
  }

  /** Runs git with a token and returns its output, or what it said when it failed. */
  async function withToken(as: string, ...args: string[]): Promise<string> {
    const header = `Authorization: Basic ${Buffer.from(`x-access-token:${as}`).toString('base64')}`;
    const config = as === '' ? [] : ['-c', `http.extraHeader=${header}`];
    return git(github.root, ...config, ...args).catch((error: unknown) => String(error));
  }

  function remote(fullName: string): string {
    return `${github.url}/${fullName}.git`;
  }

  describe('REST', () => {
    it('describes accounts and repositories as GitHub does, with and without /api/v3', async () => {
      const app = await github.addRepository('acme/app', { private: true, archived: true });
      expect((await get('/user')).body).to.include({ login: 'octo', type: 'User' });
      expect((await get('/users/guest')).body).to.include({ login: 'guest' });
      expect((await get('/orgs/acme')).body).to.include({ login: 'acme', type: 'Organization' });
      expect((await get('/orgs/octo')).status).to.equal(404);
      const { body } = await get('/repos/acme/app');
      expect(body).to.deep.include({ id: app.id, full_name: 'acme/app', private: true, visibility: 'private' });
      expect(body).to.deep.include({ archived: true, disabled: false, fork: false, default_branch: 'main' });
      expect(body).to.deep.include({ clone_url: remote('acme/app'), html_url: `${github.url}/acme/app` });
      expect(body).to.have.nested.property('permissions.push', true);
      expect(body).to.have.nested.property('owner.type', 'Organization');
      expect(body)
        .to.have.property('pushed_at')
        .that.matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect((await get(`/repositories/${app.id}`)).body).to.deep.equal(body);
      expect((await get(`${github.url}/repos/ACME/App`)).body).to.include({ id: app.id });
      expect(github.requests.map((request) => request.path)).to.deep.equal([
        '/user',
        '/users/guest',
        '/orgs/acme',
        '/orgs/octo',
        '/repos/acme/app',
        `/repositories/${app.id}`,
        '/repos/ACME/App',
      ]);
    });

    it('lists what a token may see, by affiliation, visibility and type', async () => {
      await github.addRepository('octo/own');
      await github.addRepository('octo/secret', { private: true });
      await github.addRepository('acme/app', { private: true });
      await github.addRepository('acme/fork', { fork: true });
      await github.addRepository('guest/shared', { private: true, collaborators: ['octo'] });
      await github.addRepository('other/hidden', { private: true });
      const all = ['acme/app', 'acme/fork', 'guest/shared', 'octo/own', 'octo/secret'];
      expect(await names('/user/repos')).to.deep.equal(all);
      expect(await names('/user/repos?affiliation=owner')).to.deep.equal(['octo/own', 'octo/secret']);
      expect(await names('/user/repos?affiliation=owner,collaborator&visibility=private')).to.deep.equal([
        'guest/shared',
        'octo/secret',
      ]);
      expect(await names('/user/repos?type=member')).to.deep.equal(all.slice(0, 3));
      expect((await get('/user/repos?type=all&visibility=all')).status).to.equal(422);
      expect(await names('/users/octo/repos')).to.deep.equal(['octo/own']);
      expect(await names('/orgs/acme/repos')).to.deep.equal(['acme/fork', 'acme/app']);
      expect(await names('/orgs/acme/repos?type=sources')).to.deep.equal(['acme/app']);
      expect(await names('/orgs/acme/repos', { as: 'ghp_guest' })).to.deep.equal(['acme/fork']);
      expect((await get('/repos/acme/app', { as: 'ghp_guest' })).status).to.equal(404);
    });

    it('pages by Link headers, which can repeat or drop a page', async () => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) await github.addRepository(`acme/${name}`);
      const walk = async () => {
        const seen: string[] = [];
        let next: string | undefined = '/orgs/acme/repos?per_page=2&sort=created&direction=asc';
        while (next !== undefined) {
          const { body, headers } = await get(next);
          seen.push(
            fullNames(body)
              .map((name) => name.replace('acme/', ''))
              .join(''),
          );
          next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
        }
        return seen;
      };
      expect(await walk()).to.deep.equal(['ab', 'cd', 'e']);
      github.changePages = repeatPage(1);
      expect(await walk()).to.deep.equal(['ab', 'ab', 'cd', 'e']);
      github.changePages = dropPage(2);
      expect(await walk()).to.deep.equal(['ab', 'e']);
      github.changePages = (pages) => pages;
      const page = (number: number) => `${github.apiUrl}/organizations/103/repos?per_page=1&page=${number}`;
      expect((await get('/orgs/acme/repos?per_page=1&page=2')).headers.get('link')).to.equal(
        `<${page(1)}>; rel="prev", <${page(3)}>; rel="next", <${page(5)}>; rel="last", <${page(1)}>; rel="first"`,
      );
      expect(await names('/orgs/acme/repos?page=9')).to.deep.equal([]);
    });

    it('knows tokens, and lets them be revoked and rotated', async () => {
      await github.addRepository('octo/own', { private: true });
      await github.addRepository('octo/open');
      const unknown = await get('/user', { as: 'wrong' });
      expect(unknown.status).to.equal(401);
      expect(unknown.body).to.include({ message: 'Bad credentials', status: '401' });
      const anonymous = await get('/users/octo/repos', { as: '' });
      expect(anonymous.body).to.have.length(1);
      expect(anonymous.headers.get('x-ratelimit-limit')).to.equal('60');
      expect((await get('/user/repos', { as: '' })).status).to.equal(401);
      expect((await get('/user', { as: '', headers: { authorization: `token ${token}` } })).status).to.equal(200);
      github.rotateToken(token, 'ghp_next');
      expect((await get('/user')).status).to.equal(401);
      expect((await get('/user', { as: 'ghp_next' })).body).to.include({ login: 'octo' });
      expect(github.requests.at(-1)?.headers.authorization).to.equal('Bearer ghp_next');
    });

    it('counts requests against a limit, but not unchanged answers', async () => {
      await github.addRepository('octo/own');
      const limit = github.rateLimit(token);
      const first = await get('/user/repos');
      expect(first.headers.get('x-ratelimit-remaining')).to.equal('4999');
      const etag = first.headers.get('etag') ?? '';
      const unchanged = await get('/user/repos', { headers: { 'if-none-match': etag } });
      expect([unchanged.status, unchanged.body]).to.deep.equal([304, undefined]);
      expect(limit.used).to.equal(1);
      await github.addRepository('octo/more');
      expect((await get('/user/repos', { headers: { 'if-none-match': etag } })).status).to.equal(200);
      expect((await get('/rate_limit')).body).to.have.nested.property('rate.used', 2);

      Object.assign(limit, { used: 5000, reset: Math.floor(Date.now() / 1000) + 3600 });
      const refused = await get('/user');
      expect(refused.status).to.equal(403);
      expect(refused.body).to.have.property('message').that.contains('API rate limit exceeded for user ID 101');
      expect(refused.headers.get('x-ratelimit-remaining')).to.equal('0');
      expect(refused.headers.get('x-ratelimit-reset')).to.equal(String(limit.reset));
      limit.status = 429;
      expect((await get('/user')).status).to.equal(429);
      expect((await get('/user', { as: 'ghp_guest' })).status).to.equal(200);
      limit.reset = Math.floor(Date.now() / 1000);
      expect((await get('/user')).status).to.equal(200);
    });

    it('has a secondary limit, errors, slow and broken pages', async () => {
      github.faults.push(secondaryLimit({ retryAfter: 3 }, { on: 'api', times: 1 }));
      const limited = await get('/user');
      expect([limited.status, limited.headers.get('retry-after')]).to.deep.equal([403, '3']);
      expect(limited.body).to.have.property('message').that.contains('exceeded a secondary rate limit');

      github.faults.push(failWith({ status: 502, body: '{}' }, { on: 'api', times: 2 }));
      const statuses = [await get('/user'), await get('/user'), await get('/user')].map((reply) => reply.status);
      expect(statuses).to.deep.equal([502, 502, 200]);

      github.faults.push(delayBody({ milliseconds: 150 }, { path: /^\/user\/repos$/ }));
      const started = performance.now();
      await get('/user/repos');
      expect(performance.now() - started).to.be.greaterThan(140);
      github.faults.push(cutBody({ after: 10, ending: 'close' }, { on: 'api' }));
      const broken = await get('/user').catch((error: unknown) => String(error));
      expect(broken).to.contain('terminated');
    });
  });

  describe('Git', () => {
    it('needs a token for private repositories and for pushes', async () => {
      await github.addRepository('acme/secret', { private: true });
      const open = await github.addRepository('acme/open', { shape: { pulls: 1 } });
      expect(await withToken(token, 'ls-remote', remote('acme/secret'))).to.contain('refs/heads/main');
      expect(await withToken('', 'ls-remote', remote('acme/open'))).to.contain('refs/pull/1/head');
      expect(await withToken('', 'ls-remote', remote('acme/secret'))).to.contain('could not read Username');
      expect(await withToken('wrong', 'ls-remote', remote('acme/open'))).to.contain('could not read Username');
      expect(await withToken('ghp_guest', 'ls-remote', remote('acme/secret'))).to.contain('not found');

      const mirror = join(github.root, 'mirror');
      await withToken('', 'clone', '--mirror', remote('acme/open'), mirror);
      const push = (as: string, ...refs: string[]) =>
        withToken(as, '-C', mirror, '-c', 'remote.origin.mirror=false', 'push', 'origin', ...refs);
      expect(await push('', 'main:refs/heads/new')).to.contain('could not read Username');
      expect(await push('ghp_guest', 'main:refs/heads/new')).to.contain('denied to guest');
      const before = open.pushedAt;
      expect(await push(token, 'main:refs/heads/new')).to.equal('');
      expect((await refsOf(open.path)).refs.has('refs/heads/new')).to.equal(true);
      expect(open.pushedAt).to.be.greaterThan(before);
      expect(await push(token, 'main:refs/pull/2/head')).to.contain('deny updating a hidden ref');
      expect(github.gitRequests.some((request) => request.kind === 'receive-pack')).to.equal(true);
      open.archived = true;
      expect(await push(token, 'main:refs/heads/late')).to.contain('archived');
    });

    it('shows disabled, blocked, vanished, empty and missing repositories', async () => {
      await github.addRepository('acme/disabled', { state: 'disabled' });
      await github.addRepository('acme/blocked', { state: 'dmca' });
      await github.addRepository('acme/vanished', { state: 'vanished' });
      await github.addRepository('acme/empty', { shape: { commits: 0 } });
      expect(await names('/orgs/acme/repos')).to.have.length(4);
      expect(await withToken(token, 'ls-remote', remote('acme/disabled'))).to.contain('403');
      expect((await get('/repos/acme/disabled')).body).to.include({ disabled: true });
      expect(await withToken(token, 'ls-remote', remote('acme/blocked'))).to.contain('451');
      const blocked = await get('/repos/acme/blocked');
      expect(blocked.status).to.equal(451);
      expect(blocked.body).to.include({ message: 'Repository access blocked' });
      expect(blocked.body).to.have.nested.property('block.reason', 'dmca');
      for (const name of ['vanished', 'missing']) {
        expect(await withToken(token, 'ls-remote', remote(`acme/${name}`))).to.contain('not found');
        expect((await get(`/repos/acme/${name}`)).status).to.equal(404);
      }
      expect(await withToken(token, 'ls-remote', remote('acme/empty'))).to.equal('');
      expect((await get('/repos/acme/empty')).body).to.include({ size: 0 });
    });

    it('serves a wiki only where one was written', async () => {
      await github.addRepository('acme/app', { wiki: { defaultBranch: 'master' } });
      await github.addRepository('acme/bare');
      expect(await withToken(token, 'ls-remote', remote('acme/app.wiki'))).to.contain('refs/heads/master');
      expect(await withToken(token, 'ls-remote', remote('acme/bare.wiki'))).to.contain('not found');
      expect((await get('/repos/acme/bare')).body).to.include({ has_wiki: true });
    });

    it('redirects renamed and transferred repositories until the name is taken again', async () => {
      const app = await github.addRepository('acme/app', { private: true });
      github.rename(app, 'other/application');
      app.collaborators = ['octo'];
      const moved = await get('/repos/acme/app');
      expect([moved.status, moved.headers.get('location')]).to.deep.equal([
        301,
        `${github.apiUrl}/repositories/${app.id}`,
      ]);
      expect((await get(moved.headers.get('location') ?? '')).body).to.include({ full_name: 'other/application' });
      expect((await get('/repos/acme/app', { as: 'ghp_guest' })).status).to.equal(404);
      expect(await withToken(token, 'ls-remote', remote('acme/app'))).to.contain('refs/heads/main');
      expect(github.gitRequests[0]?.status).to.equal(301);

      const another = await github.addRepository('acme/app');
      expect((await get('/repos/acme/app')).body).to.include({ id: another.id });
    });

    it('lets repositories be deleted and replaced', async () => {
      const app = await github.addRepository('acme/app');
      const next = await github.replace(app, { shape: { branches: ['other'] } });
      expect(next.id).not.to.equal(app.id);
      expect((await get('/repos/acme/app')).body).to.include({ id: next.id });
      expect(await withToken(token, 'ls-remote', remote('acme/app'))).to.contain('refs/heads/other');
      expect((await get(`/repositories/${app.id}`)).status).to.equal(404);
      github.delete(next);
      expect(await names('/orgs/acme/repos')).to.deep.equal([]);
      expect(await withToken(token, 'ls-remote', remote('acme/app'))).to.contain('not found');
    });

    it('injects faults into Git alone', async () => {
      await github.addRepository('acme/app');
      github.faults.push(failWith({ status: 503 }, { on: 'info-refs', times: 1 }));
      expect((await get('/repos/acme/app')).status).to.equal(200);
      expect(await withToken(token, 'ls-remote', remote('acme/app'))).to.contain('503');
      expect(await withToken(token, 'ls-remote', remote('acme/app'))).to.contain('refs/heads/main');
    });
  });

  it('is seeded with hundreds of distinct repositories in seconds', async () => {
    const started = performance.now();
    const seeded = await seedGitHub(github, { owner: 'acme', repositories: 200, privateEvery: 4 });
    expect(performance.now() - started).to.be.lessThan(10_000);
    expect(seeded.filter((one) => one.private)).to.have.length(50);
    expect(await names('/orgs/acme/repos?per_page=100&page=2')).to.have.length(100);
    const some = seeded.slice(0, 6);
    const tips = await Promise.all(some.map(async ({ path }) => (await refsOf(path)).head.oid));
    expect(new Set(tips).size).to.equal(6);
    for (const { fullName, path } of some.slice(0, 3)) {
      const clone = `${path}.clone`;
      expect(await withToken(token, 'clone', '--quiet', '--bare', remote(fullName), clone)).to.equal('');
      await git(clone, 'fsck', '--strict');
    }
  });
});
