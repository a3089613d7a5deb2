import { expect } from 'chai';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { collect, events, holdfast, startHoldfast } from '../../support/command-line.ts';
import { startGitHub, seedGitHub, type GitHub } from '../../support/github-server.ts';
import type { GitHubRepository } from '../../support/github/state.ts';
import { startGitServer } from '../../support/git-server.ts';
import { createRepository, refsOf, useTemporaryFolders } from '../../support/repositories.ts';

/** A planted token, searched for in everything that is written and printed. */
const canary = 'ghp_Canary4f9d2b7c6a1e8053Planted';

describe('holdfast: a whole account', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let github: GitHub;
  let repositories: GitHubRepository[];
  const printed: string[] = [];

  /** Backs up the account as its owner would, and gives the events. */
  async function backUp(...more: string[]) {
    const result = await holdfast(
      [
        'backup',
        'github',
        'acme',
        '--datasets',
        'code',
        '--api-url',
        github.apiUrl,
        '--requests-per-minute',
        '900',
        '--json',
        ...more,
      ],
      { cwd: place, env: { GITHUB_TOKEN: canary } },
    );
    printed.push(result.stdout, result.stderr);
    const all = events(result.stdout);
    return {
      ...result,
      items: all.filter(({ event }) => event === 'item'),
      report: all.find(({ event }) => event === 'report'),
    };
  }

  before(async function () {
    this.timeout(120_000);
    place = await folder();
    github = await startGitHub({
      root: path.join(place, 'github'),
      accounts: [{ login: 'octo' }, { login: 'acme', type: 'Organization', members: ['octo'] }],
      tokens: { [canary]: 'octo' },
    });
    repositories = await seedGitHub(github, { owner: 'acme', repositories: 200, privateEvery: 3 });
    await github.addRepository('acme/blocked', { state: 'dmca' });
    await github.addRepository('acme/closed', { state: 'disabled' });
    await github.addRepository('acme/gone', { state: 'vanished' });
    await github.addRepository('acme/empty', { shape: { commits: 0 } });
    await github.addRepository('acme/fork', { fork: true });
  });
  after(() => github.close());

  it('survives being killed again and again, and then stores every repository that it can, in one run', async function () {
    this.timeout(120_000);
    for (const killAfter of [8, 40, 90]) {
      const child = startHoldfast(
        [
          'backup',
          'github',
          'acme',
          '--datasets',
          'code',
          '--api-url',
          github.apiUrl,
          '--requests-per-minute',
          '900',
          '--json',
        ],
        { cwd: place, env: { GITHUB_TOKEN: canary } },
      );
      const output = collect(child);
      await new Promise<void>((resolve) => {
        child.stdout.on('data', () => {
          if (output().stdout.split('\n').length > killAfter) child.kill('SIGKILL');
        });
        child.once('close', () => resolve());
      });
      printed.push(output().stdout, output().stderr);
      expect(child.signalCode).to.equal('SIGKILL');
      expect(await holdfast(['verify', '--quiet'], { cwd: place })).to.include({ code: 0, stderr: '' });
    }
    const { code, report, items } = await backUp('--no-forks');
    expect(code).to.equal(3);
    expect(report?.['result']).to.equal('partial');
    const coverage = report?.['coverage'] as Record<string, number>;
    expect(coverage).to.include({ listed: 205, skipped: 1, failed: 3 });
    expect(coverage['stored']! + coverage['unchanged']!).to.equal(201);
    const failed = items
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ code: why, item }) => [(item as { name: string }).name, why]);
    expect(Object.fromEntries(failed)).to.deep.equal({
      'acme/blocked': 'SourceBlocked',
      'acme/closed': 'AccessDenied',
      'acme/gone': 'SourceMissing',
    });
  });

  it('asks the Git server once for each repository that has not changed', async function () {
    this.timeout(60_000);
    github.gitRequests.length = 0;
    const { report } = await backUp('--exclude', 'acme/{blocked,closed,gone,empty,fork}');
    expect(report?.['coverage']).to.deep.include({ unchanged: 200, stored: 0, failed: 0 });
    expect(github.gitRequests).to.have.length(200);
    expect(github.gitRequests.every(({ kind, hasAuthorization }) => kind === 'info-refs' && hasAuthorization)).to.equal(
      true,
    );
  });

  it('drills clean', async function () {
    this.timeout(120_000);
    const { code, stdout } = await holdfast(['drill'], { cwd: place });
    expect(code).to.equal(0);
    expect(stdout).to.match(/20\d snapshots drilled .*: all restore/);
  });

  it('restores the repositories to another server, each with identical refs', async function () {
    this.timeout(180_000);
    const root = path.join(place, 'other');
    const server = await startGitServer({
      root,
      authorize: ({ user, secret }) => user === 'me' && secret === 'pass word',
    });
    const netrc = path.join(place, 'netrc');
    await writeFile(netrc, 'machine 127.0.0.1 login me password "pass word"\n', { mode: 0o600 });
    try {
      // Each twentieth stands for all: the way is the same, and a test must end.
      for (const { fullName, path: source } of repositories.filter((_, at) => at % 20 === 0)) {
        const name = path.basename(fullName);
        const target = await createRepository(path.join(root, `${name}.git`), { commits: 0 });
        const { code, stderr } = await holdfast(
          ['restore', `github/${fullName}`, '--to', `${server.url}/${name}.git`],
          {
            cwd: place,
            env: { NETRC: netrc },
          },
        );
        expect(code, stderr).to.equal(0);
        expect((await refsOf(target)).refs).to.deep.equal((await refsOf(source)).refs);
      }
    } finally {
      await server.close();
    }
  });

  it('says what to do when the token is refused, and fails', async () => {
    github.revokeToken(canary);
    const { code, stdout } = await backUp();
    expect(code).to.equal(1);
    expect(stdout).to.include('"AccessDenied"');
    github.addToken(canary, 'octo');
  });

  it('lets the token appear in nothing that it wrote or printed', async () => {
    expect(printed.join('\n')).to.have.length.above(1000);
    const encoded = [
      canary,
      encodeURIComponent(canary),
      Buffer.from(canary).toString('base64'),
      Buffer.from(`x-access-token:${canary}`).toString('base64'),
    ];
    for (const form of encoded) expect(printed.join('\n')).to.not.include(form);
    for (const entry of await readdir(path.join(place, 'vault'), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = await readFile(path.join(entry.parentPath, entry.name), 'latin1');
      for (const form of encoded) expect(content, entry.name).to.not.include(form);
    }
  });
});
