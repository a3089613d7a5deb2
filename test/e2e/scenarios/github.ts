import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { GitHubApp } from '../../support/github/app.ts';
import type { RepositoryContent } from '../../support/github/records/content.ts';
import type { GitHubRepository } from '../../support/github/state.ts';
import type { CommandLineResult } from '../../support/command-line.ts';
import { addCommit } from '../../support/repositories.ts';
import { fireDrill } from './drill.ts';
import { useOfGrants } from './least-privilege.ts';
import type { Scenario } from '../scenario.ts';
import { token, type ReportFile, type World } from '../world.ts';

/** What docs/github.md asks to give an app. */
const permissions = Object.fromEntries(
  [
    'metadata',
    'contents',
    'issues',
    'pull_requests',
    'discussions',
    'administration',
    'repository_hooks',
    'actions',
    'actions_variables',
    'secrets',
    'pages',
    'repository_advisories',
  ].map((name) => [name, 'read']),
);

export const githubApp: Scenario = {
  name: 'github-app',
  async run(world) {
    const { github } = world;
    const { content } = await add(world, 'acme/by-app');
    content.openIssue('It breaks');
    const app = new GitHubApp({ id: 77, account: 'acme', permissions });
    github.app = app;
    const settings = {
      ...only('acme/by-app'),
      TOKEN_GITHUB: undefined,
      GITHUB_APP_ID: app.id,
      GITHUB_APP_PRIVATE_KEY: app.privateKey,
    };
    // All tokens end in the middle of what an item reads.
    const ended: string[] = [];
    github.changeRecords = (list) => {
      if (list !== '/issues' || ended.length > 0) return;
      ended.push(...app.minted);
      app.revokeTokens();
    };
    try {
      const first = await run(world, settings);
      expect(outcomes(first, 'acme/by-app')).to.deep.equal(all('stored'));
      expect(ended).not.to.deep.equal([]);
      expect(app.minted.length).to.be.above(ended.length);

      const { discussions: _, ...fewer } = permissions;
      app.installations = [{ id: 77, account: 'acme', permissions: fewer }];
      const second = await run(world, settings);
      const { discussions: __, ...unchanged } = all('unchanged');
      expect(outcomes(second, 'acme/by-app')).to.deep.equal(unchanged);
      expect(second.warnings.join('\n')).to.include(
        'discussions is not kept: the app lacks the permission discussions',
      );

      const [, key = ''] = app.privateKey.split('\n');
      for (const secret of [...app.minted, key]) expect(world.aws.log()).not.to.include(secret);
    } finally {
      github.app = undefined;
      github.changeRecords = undefined;
      await world.putSecret(JSON.stringify(world.settings()));
    }
  },
};

export const githubDatasets: Scenario = {
  name: 'github-datasets',
  async run(world) {
    const { repository, content } = await add(world, 'acme/product');
    content.openIssue('It breaks', 'When I press the button');
    const said = content.comment(1, 'Which button?', 'guest');
    content.openIssue('Spam');
    content.openPull('Mend the button');
    content.reviewComment(3, 'A typo', 'guest');
    content.review(3, 'APPROVED', 'Well done');
    content.label('bug');
    content.discussionComment(content.discussion('How do I install it?'), 'By npm', ['Thank you']);
    content.release('v1', { 'app.zip': Buffer.from('one') });
    content.settings.set('/topics', { names: ['backup'] });
    content.settings.set('/hooks', [{ id: 3, config: { url: 'https://ci.example' } }]);
    const settings = only('acme/product');
    try {
      const first = await run(world, settings);
      expect(outcomes(first, 'acme/product')).to.deep.equal(all('stored'));

      content.editIssue(1, { title: 'It broke', state: 'closed' });
      content.editComment(said, 'Which of the buttons?');
      content.labels.splice(0);
      content.releases.splice(0);
      content.release('v2', { 'app.zip': Buffer.from('two') });
      await addCommit(wikiOf(repository), { files: { 'Home.md': '# Changed\n' } });
      const second = await run(world, settings);
      expect(outcomes(second, 'acme/product')).to.deep.equal({
        ...all('unchanged'),
        issues: 'stored',
        releases: 'stored',
        wiki: 'stored',
      });

      const here = 'github/acme/product';
      const then = ['--at', first.run];
      expect(await well(world, 'cat', `${here}/issues`, 'issues/1', ...then))
        .to.include('It breaks')
        .and.include('Which button?');
      expect(await well(world, 'cat', `${here}/issues`, 'issues/1'))
        .to.include('It broke')
        .and.include('Which of the buttons?');
      expect(await well(world, 'diff', `${here}/issues`, '--from', first.run, '--to', second.run))
        .to.match(/~ +issues\/1 +It broke/)
        .and.match(/- +labels\//);
      expect(await well(world, 'show', `${here}/issues`)).to.match(/label.*1 deleted/);
      expect(await well(world, 'cat', `${here}/releases`, 'app.zip', ...then)).to.equal('one');
      expect(await well(world, 'ls', `${here}/wiki`)).to.include('Home.md');

      // What is deleted is found when everything is looked at: here from a laptop, into the deployed vault.
      content.removeIssue(2);
      const laptop = await world.holdfastWith(
        { GITHUB_TOKEN: token },
        ...['backup', 'github', 'acme', '--api-url', world.github.apiUrl, '--full'],
        ...['--include', 'acme/product', '--datasets', 'issues'],
      );
      expect(laptop.code, laptop.stderr).to.equal(0);
      expect(await well(world, 'diff', `${here}/issues`)).to.match(/- +issues\/2 /);
      expect(await well(world, 'cat', `${here}/issues`, 'issues/2')).to.include('Spam');

      world.github.requests.length = 0;
      const third = await run(world, settings);
      expect(outcomes(third, 'acme/product')).to.deep.equal(all('unchanged'));
      const asked = world.github.requests.filter(({ path }) => /\/graphql$|\/repos\/acme\/product\//.test(path));
      expect(asked.length).to.be.at.most(6);

      await proven(world, 'acme/product');
    } finally {
      await world.putSecret(JSON.stringify(world.settings()));
    }
  },
};

export const githubLfs: Scenario = {
  name: 'github-lfs',
  async run(world) {
    const { repository } = await add(world, 'acme/assets');
    const { lfs } = world.github;
    const kept = await Promise.all(['one', 'two', 'three'].map((text) => lfs.put(Buffer.from(text))));
    const [a, b, c] = kept;
    if (!a || !b || !c) throw new Error('there are three');
    await addCommit(repository.path, { files: { 'a.bin': a.pointer, 'b.bin': b.pointer } });
    const settings = { ...only('acme/assets'), BACKUP_DATASETS: 'code,lfs' };
    const here = 'github/acme/assets/lfs';
    try {
      const first = await run(world, settings);
      expect(outcomes(first, 'acme/assets')).to.deep.equal({ code: 'stored', lfs: 'stored' });

      await addCommit(repository.path, { files: { 'a.bin': c.pointer } });
      lfs.transfers.length = 0;
      const second = await run(world, settings);
      expect(outcomes(second, 'acme/assets')).to.deep.equal({ code: 'stored', lfs: 'stored' });
      expect(lfs.transfers.map(({ path }) => path.slice(1))).to.deep.equal([c.oid]);

      for (const [at, oids] of [
        [first.run, [a.oid, b.oid]],
        [second.run, [a.oid, b.oid, c.oid]],
      ] as const) {
        const to = path.join(world.folder, `assets-${oids.length}.git`);
        await well(world, 'restore', 'github/acme/assets', '--at', at, '--to', to);
        await well(world, 'restore', here, '--at', at, '--to', to);
        for (const oid of oids) {
          const content = await readFile(path.join(to, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid));
          expect(createHash('sha256').update(content).digest('hex')).to.equal(oid);
        }
      }

      // More than a function has time for goes to CodeBuild; that the server has lost it is said.
      const lost = 'f'.repeat(64);
      const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${lost}\nsize 11000000000\n`;
      await addCommit(repository.path, { files: { 'lost.bin': pointer } });
      const third = await run(world, { ...settings, BACKUP_LFS_LIMIT: '20GB' });
      expect(outcomes(third, 'acme/assets')).to.deep.equal({ code: 'stored', lfs: 'stored' });
      const warnings = third.items.find(({ item }) => item.name === 'acme/assets/lfs')?.warnings ?? [];
      expect(warnings.join('\n')).to.include(`the server does not have 1 objects that are named, as ${lost}`);
      expect(await well(world, 'show', here)).to.include(lost);

      await proven(world, 'acme/assets');
    } finally {
      await world.putSecret(JSON.stringify(world.settings()));
    }
  },
};

type Run = ReportFile & { run: string };

/** A repository with all that can be kept of one. */
async function add(
  world: World,
  fullName: string,
): Promise<{ repository: GitHubRepository; content: RepositoryContent }> {
  const options = { private: true, hasDiscussions: true, shape: { commits: 2 }, wiki: { commits: 1 } };
  const repository = await world.github.addRepository(fullName, options);
  return { repository, content: world.github.contentOf(repository) };
}

function wikiOf(repository: GitHubRepository): string {
  return repository.path.replace(/\.git$/, '.wiki.git');
}

/** Keys of the secret for one repository with all its datasets. */
function only(fullName: string): Record<string, unknown> {
  return { BACKUP_INCLUDE: fullName, BACKUP_DATASETS: 'all' };
}

/** Runs the deployment with further keys in its secret; all must go well and nothing may be lost. */
async function run(world: World, settings: Record<string, unknown>): Promise<Run> {
  await world.putSecret(JSON.stringify(world.settings(settings)));
  const { status, said } = await world.fireSchedule();
  expect(status, said).to.equal('SUCCEEDED');
  const [, id] = /runs\/github\/([^/"\s]+)\/report\.json/.exec(said) ?? [];
  if (id === undefined) throw new Error(`the execution names no run: ${said}`);
  const report = await world.reportOf(said);
  const { listed = 0, stored = 0, unchanged = 0, skipped = 0, failed = 0 } = report.coverage;
  expect(report.result).to.equal('complete');
  expect(failed).to.equal(0);
  expect(stored + unchanged + skipped).to.equal(listed);
  return { ...report, run: id };
}

const datasets = ['code', 'wiki', 'lfs', 'issues', 'discussions', 'releases', 'settings'];

function all(outcome: string): Record<string, string | undefined> {
  return Object.fromEntries(datasets.map((name) => [name, outcome]));
}

/** What became of each dataset of a repository. */
function outcomes({ items }: ReportFile, fullName: string): Record<string, string | undefined> {
  const own = items.filter(({ item }) => item.name === fullName || item.name.startsWith(`${fullName}/`));
  return Object.fromEntries(own.map(({ item, outcome }) => [item.name.slice(fullName.length + 1) || 'code', outcome]));
}

/** What the command line prints, which must go well. */
async function well(world: World, ...args: string[]): Promise<string> {
  const { code, stdout, stderr }: CommandLineResult = await world.holdfast(...args);
  expect(code, `${args.join(' ')}: ${stdout}${stderr}`).to.equal(0);
  return stdout;
}

/** Verifies and drills a repository with all that belongs to it, here and deployed; no role lacked a grant for it. */
async function proven(world: World, fullName: string): Promise<void> {
  await well(world, 'verify', `github/${fullName}`);
  await well(world, 'drill', `github/${fullName}`, '--all');
  const { snapshots, damaged } = await fireDrill(world);
  expect(damaged).to.deep.equal([]);
  expect(snapshots).to.include({ damaged: 0, notDrilled: 0 });
  expect((await useOfGrants(world)).missing).to.deep.equal([]);
}
