import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithAws } from '../../../support/aws/suite.ts';
import { startCodeCommit } from '../../../support/codecommit-server.ts';
import { holdfast, type CommandLineResult } from '../../../support/command-line.ts';
import type { GitServer } from '../../../support/git-server.ts';
import { createRepository, git, refsOf, useTemporaryFolders } from '../../../support/repositories.ts';

const root = mkdtempSync(join(tmpdir(), 'holdfast-codecommit-all-'));
const region = 'us-east-1';
const names = ['shop', 'till'];

describeWithAws(
  'holdfast restore --all to CodeCommit',
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
      return holdfast([...args, '--git-endpoint', server.url], { cwd: place, env: aws.server().environment });
    }

    it('makes the repositories of an account again with the settings that they had', async () => {
      const before = new Map<string, unknown>();
      for (const repositoryName of names) {
        await aws.call('codecommit', 'CreateRepository', {
          repositoryName,
          repositoryDescription: `The ${repositoryName}`,
        });
        const path = await createRepository(join(root, repositoryName), {
          commits: 2,
          tags: ['v1'],
          seed: repositoryName,
        });
        before.set(repositoryName, (await refsOf(path)).refs);
      }
      const backup = await run('backup', 'codecommit');
      expect(backup.code, backup.stderr + backup.stdout).to.equal(0);
      for (const repositoryName of names) {
        await aws.call('codecommit', 'DeleteRepository', { repositoryName });
        rmSync(join(root, repositoryName), { recursive: true });
        await git('.', 'init', '--quiet', '--bare', '--initial-branch=main', join(root, repositoryName));
      }
      const args = ['restore', 'codecommit/123456789012', '--all', '--to', `codecommit::${region}`];
      const { code, stdout, stderr } = await run(...args);
      expect(code, stderr + stdout).to.equal(0);
      expect(stdout).to.match(/2 listed = 2 restored \+ 0 already there \+ 0 failed \+ 0 left out/);
      for (const repositoryName of names) {
        expect((await refsOf(join(root, repositoryName))).refs).to.deep.equal(before.get(repositoryName));
        const { repositoryMetadata } = await aws.call<{ repositoryMetadata: Record<string, string> }>(
          'codecommit',
          'GetRepository',
          { repositoryName },
        );
        expect(repositoryMetadata).to.include({
          repositoryDescription: `The ${repositoryName}`,
          defaultBranch: 'main',
        });
      }
      expect((await run(...args)).stdout).to.match(/2 listed = 0 restored \+ 2 already there/);
    });
  },
  { env: { LOCAL_AWS_CODECOMMIT_FOLDER: root } },
);
