import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { events, holdfast, type CommandLineResult } from '../../support/command-line.ts';
import { startGitHub, type GitHub } from '../../support/github-server.ts';
import type { RepositoryContent } from '../../support/github/records/content.ts';
import { fillAccounts } from '../../support/github/records/everything.ts';
import { useTemporaryFolders } from '../../support/repositories.ts';

const token = 'ghp_octoOctoOctoOctoOctoOctoOctoOcto0001';

describe("holdfast: GitHub's records", () => {
  const folder = useTemporaryFolders();
  let place: string;
  let github: GitHub;
  let content: RepositoryContent;
  /** The ids of the snapshots, oldest first. */
  const snapshots: string[] = [];

  const run = (...args: string[]): Promise<CommandLineResult> =>
    holdfast([...args, '--vault', 'vault'], { cwd: place, env: { GITHUB_TOKEN: token } });

  async function backUp(): Promise<void> {
    const result = await run('backup', 'github', 'acme', '--api-url', github.apiUrl, '--json');
    expect(result.code, result.stdout + result.stderr).to.equal(0);
    snapshots.push(String(events(result.stdout).find(({ event }) => event === 'report')?.['run']));
  }

  before(async function () {
    this.timeout(120_000);
    place = await folder();
    github = await startGitHub({
      root: path.join(place, 'github'),
      accounts: [{ login: 'octo' }, { login: 'acme', type: 'Organization', members: ['octo'] }],
      tokens: { [token]: 'octo' },
    });
    content = github.contentOf(await github.addRepository('acme/api', {}));
    content.openIssue('It breaks', 'When I press the \u001b[31mred button');
    content.comment(1, 'Which button?', 'guest');
    content.openPull('Mend the button');
    content.reviewComment(2, 'A typo', 'guest');
    content.label('bug');
    content.release('v1', { 'app.zip': Buffer.from('one'), '../../evil': Buffer.from('two') });
    content.reactTo(`IC_${content.comment(2, 'Nice')}`, 'HEART', 'octo');
    content.block(1, 2);
    fillAccounts(github);
    await backUp();
    content.editIssue(1, { state: 'closed', title: 'It broke' });
    content.comment(1, 'Mended by #2');
    await backUp();
  });
  after(() => github.close());

  it('shows an issue with its thread as it was at each time', async () => {
    const now = await run('cat', 'github/acme/api/issues', 'issues/1');
    expect(now.stdout).to.match(/^It broke\n.*closed.*\n\nWhen I press the \\x1b\[31mred button\n/);
    expect(now.stdout).to.include('Which button?').and.include('Mended by #2');
    const then = await run('cat', 'github/acme/api/issues', 'issues/1', '--at', snapshots[0]!);
    expect(then.stdout).to.include('It breaks').and.not.include('Mended');
    const before = await run('cat', 'github/acme/api/issues', 'issues/1', '--at', '2020-01');
    expect(before.code).to.equal(1);
    expect(before.stderr).to.include('has no snapshot as old as 2020-01');
    const json = events((await run('cat', 'github/acme/api/issues', 'pulls/2', '--json')).stdout, 'cat');
    expect(json.map(({ key }) => key)).to.include.members(['issues/2', 'issues/2/pull', 'issues/2/timeline']);
  });

  it('prints the asset of a release', async () => {
    expect((await run('cat', 'github/acme/api/releases', 'app.zip')).stdout).to.equal('one');
  });

  it('says what changed, what a snapshot holds, and what could not be read', async () => {
    const diff = await run('diff', 'github/acme/api/issues');
    expect(diff.stdout).to.match(/~ {2}issues\/1 {2}It broke.*\[.*title/);
    expect(diff.stdout).to.match(/\+ {2}issues\/1\/comments\/\d+ {2}Mended by #2/);
    const show = await run('show', 'github/acme/api/settings');
    expect(show.stdout).to.match(/repository +1 stored/);
    expect(show.stdout).to.include('without webhook: not there, or the token may not see it (it takes webhooks:read)');
  });

  it('finds what was written, wherever it stands', async () => {
    const found = events((await run('find', 'mended BY', '--json')).stdout, 'find');
    expect(found[0]).to.include({ event: 'record', address: 'github/acme/api/issues', type: 'issue-comment' });
    expect(found[1]).to.include({ event: 'total', found: 1, more: false });
    expect((await run('find', 'nowhere to be seen')).stdout).to.equal('0 records found\n');
  });

  it('verifies and drills them', async () => {
    expect(await run('verify', 'github/acme/api/issues')).to.include({ code: 0 });
    const drilled = events((await run('drill', 'github/acme/api/releases', '--json')).stdout, 'drill');
    expect(drilled[0]).to.deep.include({ verdict: 'intact', proven: { record: 1, file: 2 } });
  });

  it('writes them as python-github-backup does, and nothing outside of the folder', async () => {
    expect(await run('export', 'github/acme/api/issues', '--to', 'json')).to.include({ code: 0 });
    const issue = JSON.parse(await readFile(path.join(place, 'json/issues/1.json'), 'utf8')) as Record<string, unknown>;
    expect(issue).to.include({ title: 'It broke', state: 'closed' });
    expect(issue['comment_data']).to.have.length(2);
    expect(JSON.stringify(issue['blocked_by_data'])).to.include('"number":2');
    const pull = await readFile(path.join(place, 'json/pulls/2.json'), 'utf8');
    const { reaction_data: reactions } = JSON.parse(pull) as { reaction_data: { to: string; reactions: object[] }[] };
    expect(reactions[0]?.reactions[0]).to.deep.include({ content: 'HEART', user: { login: 'octo' } });
    expect(await readdir(path.join(place, 'json'))).to.have.members(['issues', 'pulls', 'labels']);
    expect(await run('export', 'github/acme/api/releases', '--to', 'releases')).to.include({ code: 0 });
    const all = await readdir(path.join(place, 'releases'), { recursive: true });
    expect(all.filter((name) => /app\.zip$|evil$|v1\.json$/.test(name))).to.have.length(3);
    expect(await readdir(place)).not.to.include('evil');
    const again = await run('export', 'github/acme/api/issues', '--to', 'json');
    expect(again.stderr).to.include('is not an empty folder');
    const refused = await run('export', 'github/acme/api/issues', '--to', 'json', '--json');
    expect(events(refused.stdout, 'export').map(({ event }) => event)).to.deep.equal(['error']);
    const machines = await run('export', 'github/acme/api/issues', '--to', 'again', '--json');
    expect(events(machines.stdout, 'export')).to.have.length(1);
    expect(events(machines.stdout, 'export')[0]).to.include({ event: 'total', address: 'github/acme/api/issues' });
  });

  it('shows, proves and writes what belongs to the organisation and to no repository', async () => {
    const show = await run('show', 'github/acme/@organization');
    expect(show.stdout).to.match(/team-member +1 stored/);
    expect(await run('verify', 'github/acme/@organization')).to.include({ code: 0 });
    const drilled = await run('drill', 'github/acme/@projects');
    expect(drilled.stdout).to.match(/^restores +github\/acme\/@projects .* 2 records, 0 files/m);
    expect(await run('export', 'github/acme/@organization', '--to', 'organisation')).to.include({ code: 0 });
    const text = await readFile(path.join(place, 'organisation/teams/5.json'), 'utf8');
    const team = JSON.parse(text) as Record<string, unknown>;
    expect(team).to.include({ slug: 'core' });
    expect(team['team_maintainer_data']).to.have.length(1);
    expect(team['team_repository_data']).to.have.length(1);
    const plan = await run('restore', 'github/acme', '--all', '--to', 'all', '--plan');
    expect(plan.stdout).to.match(/^left out +github\/acme\/@organization /m);
  });

  it('writes them as pages to read', async () => {
    expect(await run('export', 'github/acme/api/issues', '--to', 'pages', '--format', 'markdown')).to.include({
      code: 0,
    });
    const page = await readFile(path.join(place, 'pages/issues/1.md'), 'utf8');
    expect(page)
      .to.match(/^# It broke\n/)
      .and.include('**guest**')
      .and.include('Mended by #2');
  });

  it('finds a single flipped byte', async () => {
    const item = path.join(place, 'vault/github/acme/api/issues', snapshots[1]!);
    const name = (await readdir(item)).find((one) => one.endsWith('.ndjson.gz'))!;
    const bytes = await readFile(path.join(item, name));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path.join(item, name), bytes);
    expect(await run('verify', 'github/acme/api/issues')).to.include({ code: 4 });
    expect(await run('drill', 'github/acme/api/issues')).to.include({ code: 4 });
    expect((await run('cat', 'github/acme/api/issues', 'issues/1')).code).not.to.equal(0);
  });
});
