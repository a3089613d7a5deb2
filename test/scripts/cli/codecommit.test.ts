import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithAws } from '../../support/aws/suite.ts';
import { startCodeCommit } from '../../support/codecommit-server.ts';
import { events, holdfast, type CommandLineResult } from '../../support/command-line.ts';
import type { GitServer } from '../../support/git-server.ts';
import { addCommit, createRepository, git, manyRefs, refsOf, useTemporaryFolders } from '../../support/repositories.ts';

const root = mkdtempSync(join(tmpdir(), 'holdfast-codecommit-'));
const region = 'us-east-1';

describeWithAws(
  'holdfast with CodeCommit',
  (aws) => {
    const folder = useTemporaryFolders();
    let server: GitServer;
    let place: string;

    before(async () => {
      place = await folder();
      const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = aws.server().environment;
      server = await startCodeCommit({ root, region, findKey: (key) => (key === id ? { secret } : undefined) });
    });
    after(async () => {
      await server.close();
      rmSync(root, { recursive: true });
    });

    function run(...args: string[]): Promise<CommandLineResult> {
      return holdfast(args, { cwd: place, env: aws.server().environment });
    }

    async function names(): Promise<(string | undefined)[]> {
      const { repositories } = await aws.call<{ repositories: { repositoryName?: string }[] }>(
        'codecommit',
        'ListRepositories',
        {},
      );
      return repositories.map(({ repositoryName }) => repositoryName);
    }

    it('backs up a region, and brings a repository back there with its settings', async () => {
      const repositoryName = 'shop';
      await aws.call('codecommit', 'CreateRepository', {
        repositoryName,
        repositoryDescription: 'The shop',
        tags: { team: 'web' },
      });
      const path = await createRepository(join(root, repositoryName), { commits: 3, branches: ['dev'], tags: ['v1'] });
      // More refs than one push may change.
      await manyRefs(path, 4_500);
      const planned = await run('backup', 'codecommit', '--git-endpoint', server.url, '--dry-run', '--json');
      expect(events(planned.stdout, 'backup').map(({ event, plan, address }) => [event, plan, address])).to.deep.equal([
        ['would-back-up', 'full', `codecommit/123456789012/${region}/shop`],
        ['plan', undefined, undefined],
      ]);
      expect(planned.code).to.equal(0);
      expect(await readdir(place), 'nothing is written').to.deep.equal([]);
      const first = await run('backup', 'codecommit', '--git-endpoint', server.url, '--json');
      expect(first.code, first.stderr + first.stdout).to.equal(0);
      expect(events(first.stdout).find(({ event }) => event === 'report')).to.deep.include({ result: 'complete' });
      expect((await run('drill')).code).to.equal(0);

      // The worst day: the repository is gone, at CodeCommit and at the Git server behind it.
      await aws.call('codecommit', 'DeleteRepository', { repositoryName });
      const kept = (await refsOf(path)).refs;
      rmSync(path, { recursive: true });
      const to = ['--to', `codecommit::${region}://shop`, '--create', '--git-endpoint', server.url];
      const missing = await run('restore', 'shop', ...to, '--dry-run');
      expect(missing.stdout)
        .to.match(/^would make .*shop$/m)
        .and.match(/^would make {3}refs\/heads\/main$/m)
        .and.match(/^nothing was sent$/m);
      expect(missing.code, missing.stderr).to.equal(0);
      expect(await names()).to.deep.equal([]);
      expect(server.requests.filter(({ kind }) => kind === 'receive-pack')).to.deep.equal([]);
      await git('.', 'init', '--quiet', '--bare', '--initial-branch=main', path);
      const restored = await run('restore', `codecommit/123456789012/${region}/shop`, ...to);
      expect(restored.code, restored.stderr + restored.stdout).to.equal(0);
      expect((await refsOf(path)).refs).to.deep.equal(kept);
      const { repositoryMetadata } = await aws.call<{ repositoryMetadata: Record<string, string> }>(
        'codecommit',
        'GetRepository',
        { repositoryName },
      );
      expect(repositoryMetadata).to.include({ repositoryDescription: 'The shop', defaultBranch: 'main' });
      expect(server.requests.filter(({ kind }) => kind === 'receive-pack').length).to.be.at.least(2);
      const taken = await run('restore', 'shop', ...to, '--dry-run');
      expect(taken.code).to.equal(1);
      expect(taken.stderr).to.match(/shop already exists, so --create would be refused/);
      const again = await run('restore', 'shop', ...to);
      expect(again.code).to.equal(1);
      expect(again.stderr).to.include('create the repository shop');
    });

    it('copies a repository from elsewhere to CodeCommit, and again what is new', async () => {
      const from = await createRepository(join(await folder(), 'from.git'), { commits: 3, annotatedTags: ['v1'] });
      await git('.', 'init', '--quiet', '--bare', '--initial-branch=main', join(root, 'fork'));
      const copy = () => run('copy', from, '--to', `codecommit::${region}://fork`, '--git-endpoint', server.url);
      const first = await copy();
      expect(first.code, first.stderr + first.stdout).to.equal(0);
      await addCommit(from);
      const second = await copy();
      expect(second.stdout).to.include('1 ref copied');
      expect((await refsOf(join(root, 'fork'))).refs).to.deep.equal((await refsOf(from)).refs);
    });

    it('says what is wrong with a region', async () => {
      const wrong = await run('backup', 'codecommit', '--region', 'Frankfurt');
      expect(wrong).to.include({ code: 2 });
      expect(wrong.stderr + wrong.stdout).to.include('"Frankfurt" is not a valid region');
    });
  },
  { env: { LOCAL_AWS_CODECOMMIT_FOLDER: root } },
);
