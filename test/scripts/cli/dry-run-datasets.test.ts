import { expect } from 'chai';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { events, holdfast, type CommandLineResult } from '../../support/command-line.ts';
import { startGitHub, type GitHub } from '../../support/github-server.ts';
import { addCommit, useTemporaryFolders } from '../../support/repositories.ts';
import { treeDigest } from '../../support/tree-digest.ts';

const token = 'ghp_octoOctoOctoOctoOctoOctoOctoOcto0001';

describe('holdfast --dry-run of all that a repository at GitHub has', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let github: GitHub;

  const run = (...args: string[]): Promise<CommandLineResult> =>
    holdfast(args, { cwd: place, env: { GITHUB_TOKEN: token } });
  const backUp = (...more: string[]) => run('backup', 'github', 'acme', '--api-url', github.apiUrl, ...more);
  const coverage = ({ stdout }: CommandLineResult): unknown =>
    events(stdout, 'backup').find(({ event }) => event === 'report' || event === 'plan')?.['coverage'];
  const pushes = (): number => github.gitRequests.filter(({ kind }) => kind === 'receive-pack').length;

  before(async function () {
    this.timeout(120_000);
    place = path.join(await folder(), 'place');
    await mkdir(place);
    github = await startGitHub({
      root: path.join(await folder(), 'github'),
      accounts: [{ login: 'octo' }, { login: 'acme', type: 'Organization', members: ['octo'] }],
      tokens: { [token]: 'octo' },
    });
    const repository = await github.addRepository('acme/app', { shape: { commits: 2 }, wiki: { commits: 1 } });
    const content = github.contentOf(repository);
    content.openIssue('It breaks', 'at night');
    content.release('v1', { 'app.zip': Buffer.from('one') });
    const { pointer } = await github.lfs.put(Buffer.from('large'));
    await addCommit(repository.path, { files: { 'large.bin': pointer } });
  });
  after(() => github.close());

  it('says of a backup what the backup then does, and writes nothing, first and later', async function () {
    this.timeout(120_000);
    const planned = await backUp('--dry-run');
    for (const what of ['app', 'app/wiki', 'app/lfs', 'app/issues', 'app/releases'])
      expect(planned.stdout, planned.stderr).to.match(new RegExp(`^would store .*acme/${what} `, 'm'));
    expect(planned.stdout).to.match(/ listed: .*; nothing was written$/m);
    expect(await readdir(place)).to.deep.equal([]);
    expect(planned.stdout).to.match(/^would store .*acme\/app\/lfs {2}full, 1 object to fetch, 5 B$/m);
    const [, listed] = /^(\d+) items listed: \1 to store, /m.exec(planned.stdout) ?? [];
    const done = await backUp('--json');
    expect(done.code, done.stdout + done.stderr).to.equal(planned.code);
    expect(coverage(done)).to.include({ listed: Number(listed), stored: Number(listed) });

    const before = await treeDigest(place);
    const again = await backUp('--dry-run');
    expect(again.stdout)
      .to.match(/^unchanged .*acme\/app {2}/m)
      .and.match(/^would store .*acme\/app\/issues .*if anything has changed since /m)
      .and.match(/^8 items listed: up to 5 to store, 3 unchanged, /m);
    expect(await treeDigest(place)).to.equal(before);
  });

  it('says of a restore of each what would come back, and makes and sends nothing', async () => {
    const items = events((await run('list', '--json')).stdout, 'list').map(({ address }) => String(address));
    const at = (end: string): string => items.find((address) => address.endsWith(end)) ?? end;
    const before = await treeDigest(place);
    await github.addRepository('acme/new', { shape: { commits: 0 } });
    const server = new URL('acme/new.git', github.url).href;
    for (const [item, to, says] of [
      [at('acme/app/wiki'), './wiki', /would restore 1 ref to /],
      [at('acme/app/lfs'), './objects', /would restore 1 object to \.\/objects; nothing was made/],
      [at('acme/app'), './app', /would restore \d+ refs? to /],
    ] as const) {
      const { code, stdout, stderr } = await run('restore', item, '--to', to, '--dry-run');
      expect(stdout, stderr).to.match(says);
      expect(code).to.equal(0);
    }
    const sent = await run('restore', at('acme/app'), '--to', server, '--api-url', github.apiUrl, '--dry-run');
    expect(sent.stdout, sent.stderr).to.match(/^would make {3}refs\/heads\/main$/m);
    const all = await run('restore', '--all', '--to', './everything', '--dry-run');
    expect(all.stdout, all.stderr).to.match(/nothing was made$/m);
    const records = await run('restore', at('acme/app/issues'), '--to', './issues', '--dry-run');
    expect(records.stderr).to.match(/consists of records[^]*holdfast export /);
    expect(records.code).to.equal(2);
    expect(await treeDigest(place)).to.equal(before);
    expect(pushes()).to.equal(0);
  });

  it('of a prune of all of it removes nothing', async () => {
    const before = await treeDigest(place);
    expect((await run('prune', '--keep-last', '1', '--dry-run')).stdout).to.match(/^stays /m);
    expect(await treeDigest(place)).to.equal(before);
  });

  it('in a configuration file is done as on the command line', async () => {
    const before = await treeDigest(path.join(place, 'vault'));
    const config = {
      backup: [{ source: 'github', owner: 'acme', apiUrl: github.apiUrl, dryRun: true }],
      prune: { keepLast: 1, dryRun: true },
    };
    await writeFile(path.join(place, 'holdfast.json'), JSON.stringify(config));
    const { stdout, stderr } = await run('run');
    expect(stdout, stderr).to.match(/nothing was written$/m);
    expect(await treeDigest(path.join(place, 'vault'))).to.equal(before);
  });
});
