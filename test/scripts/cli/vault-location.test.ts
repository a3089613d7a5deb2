import { expect } from 'chai';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { S3Vault } from '#core/vault/storage/s3/s3-vault.ts';
import { restoreGuide } from '#core/vault/restore-guide.ts';
import { commandLine, main } from '../../../scripts/cli/main.ts';
import { describeWithAws } from '../../support/aws/suite.ts';
import { inProcess } from '../../support/in-process.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';
import { holdfast } from '../../support/command-line.ts';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { setEnvironment } from '../../support/vault-s3.ts';

const reading: Record<string, string[]> = {
  list: ['list'],
  show: ['show', 'app'],
  verify: ['verify'],
  'verify of an item': ['verify', 'app'],
  drill: ['drill'],
  restore: ['restore', 'app', '--to', './restored'],
  'restore of packages': ['restore', 'codeartifact/123456789012/eu-central-1/d/r', '--to', './restored'],
  prune: ['prune'],
  status: ['status'],
  ls: ['ls', 'app'],
  cat: ['cat', 'app', 'a.txt'],
  diff: ['diff', 'app'],
  find: ['find', 'words'],
  export: ['export', 'app', '--to', './files'],
  runs: ['runs'],
  report: ['report', 'git'],
  evidence: ['evidence'],
  stats: ['stats'],
};

/** Verbs that make a vault, or look whether one can be made. */
const making = ['backup', 'doctor', 'backup-item', 'efs-task'];

describe('the vault that is meant', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let repository: string;
  const run = (...args: string[]) => inProcess(() => main(args), place);

  before(async () => {
    place = await folder();
    repository = await createRepository(path.join(place, 'app.git'), { commits: 1 });
    await run('backup', 'git', repository, '--vault', 'backups/git');
    await mkdir(path.join(place, 'empty'));
  });

  for (const [what, args] of Object.entries(reading)) {
    it(`${what} refuses a place that is not there, and makes none`, async () => {
      const { code, stderr, stdout } = await run(...args, '--vault', 'no/such');
      expect(stderr).to.match(/there is no folder .*no\/such\n {2}Check --vault and HOLDFAST_VAULT/);
      expect(stdout).to.equal('');
      expect(code).to.equal(1);
      expect(await readdir(place)).to.not.include('no');
    });

    it(`${what} refuses a folder that holds no vault`, async () => {
      const { code, stderr } = await run(...args, '--vault', 'empty');
      expect(stderr).to.match(/empty does not hold a vault/);
      expect(code).to.equal(1);
    });

    it(`${what} names the vault one level further down`, async () => {
      const { code, stderr } = await run(...args, '--vault', 'backups');
      expect(stderr).to.match(/backups does not hold a vault\n {2}There is a vault in .*\/backups\/git: name it/);
      expect(code).to.equal(1);
    });
  }

  it('is named where a folder inside it was given', async () => {
    expect((await run('list', '--vault', 'backups/git/git')).stderr).to.match(/There is a vault in .*\/backups\/git:/);
  });

  it('is asked for by every verb that reads one', () => {
    const verbs = commandLine().commands.filter(({ options }) => options.some(({ long }) => long === '--vault'));
    const tried = Object.values(reading).map(([verb]) => verb);
    expect(verbs.map((verb) => verb.name()).filter((name) => !making.includes(name))).to.have.members([
      ...new Set(tried),
    ]);
  });

  for (const location of ['', 's3:/bucket', 's3:bucket', 'file:///srv', 'app.git/HEAD'])
    it(`is never ${JSON.stringify(location)}`, async () => {
      for (const args of [['list'], ['backup', 'git', repository], ['doctor']])
        expect((await run(...args, '--vault', location)).code, args[0]).to.equal(2);
    });

  it('is not the current folder where HOLDFAST_VAULT is set to nothing', async () => {
    const { code, stderr } = await holdfast(['list'], { cwd: place, env: { HOLDFAST_VAULT: '' } });
    expect(stderr).to.match(/the location of the vault is empty/);
    expect(code).to.equal(2);
  });

  it('is not made by doctor', async () => {
    const { code, stdout } = await run('doctor', '--vault', 'not-yet');
    expect(stdout).to.match(/note {2}there is no folder .*not-yet yet/);
    expect(code).to.equal(0);
    expect(await readdir(place)).to.not.include('not-yet');
  });

  it('says once what it is and how to restore from it, and is a vault without that, too', async () => {
    const vault = path.join(place, 'backups', 'git');
    const sign: unknown = JSON.parse(await readFile(path.join(vault, 'holdfast-vault.json'), 'utf8'));
    expect(sign).to.include({ format: 1, kind: 'holdfast-vault', guide: 'RESTORE.md' });
    expect(await readFile(path.join(vault, 'RESTORE.md'), 'utf8')).to.equal(restoreGuide);
    await writeFile(path.join(vault, 'RESTORE.md'), 'ours');
    await run('backup', 'git', repository, '--vault', 'backups/git');
    expect(await readFile(path.join(vault, 'RESTORE.md'), 'utf8')).to.equal('ours');
    await rename(path.join(vault, 'holdfast-vault.json'), path.join(place, 'sign'));
    expect((await run('verify', '--vault', 'backups/git')).code).to.equal(0);
  });

  it('has the same guide in the bucket of a deployment', async () => {
    const copy = new URL('../../../terraform/modules/codebuild/RESTORE.md', import.meta.url);
    expect(await readFile(fileURLToPath(copy), 'utf8')).to.equal(restoreGuide);
  });

  for (const act of ['verify', 'drill'])
    it(`is not well because there is nothing to ${act}`, async () => {
      await run('backup', 'git', 'nowhere', '--vault', `failed-${act}`);
      const { code, stderr, stdout } = await run(act, '--vault', `failed-${act}`);
      expect(stderr).to.match(new RegExp(`holds no snapshot to ${act}`));
      expect(stdout).to.not.match(/all (intact|restore)/);
      expect(code).to.equal(1);
      await rm(path.join(place, `failed-${act}`), { recursive: true });
    });
});

describeWithAws('the vault that is meant, in S3', (aws) => {
  let restore: () => void;
  before(async () => {
    restore = setEnvironment(aws.server().environment);
    await new S3Client({ forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: 'meant' }));
    await new S3Vault({ bucket: 'meant', prefix: 'backups' }).create('runs/git/x', Buffer.from('x'));
  });
  after(() => restore());

  it('is named where its prefix was left out', async () => {
    const { code, stderr } = await holdfast(['list', '--vault', 's3://meant/'], { env: aws.server().environment });
    expect(stderr).to.match(
      /s3:\/\/meant\/ does not hold a vault\n {2}There is a vault in s3:\/\/meant\/backups: name/,
    );
    expect(code).to.equal(1);
  });
});
