import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalogue } from '#core/vault/catalogue.ts';
import { dataKey, itemPrefix, manifestKey } from '#core/vault/layout.ts';
import { writeManifest, type Manifest } from '#core/vault/manifest.ts';
import { S3Vault } from '#core/vault/storage/s3/s3-vault.ts';
import { describeWithAws } from '../../support/aws/suite.ts';
import { startCodeCommit } from '../../support/codecommit-server.ts';
import { events, holdfast } from '../../support/command-line.ts';
import type { GitServer } from '../../support/git-server.ts';
import { addCommit, createRepository, git, useTemporaryFolders } from '../../support/repositories.ts';
import { sha256 } from '../../support/vault-content.ts';
import { setEnvironment } from '../../support/vault-s3.ts';

const root = mkdtempSync(join(tmpdir(), 'holdfast-codecommit-'));
const bucket = 'holdfast-builds';

describeWithAws(
  'what CodeBuild runs',
  (aws) => {
    const folder = useTemporaryFolders();
    let server: GitServer;
    let restore: () => void;

    before(async () => {
      restore = setEnvironment(aws.server().environment);
      const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = aws.server().environment;
      server = await startCodeCommit({
        root,
        region: 'us-east-1',
        findKey: (key) => (key === id ? { secret } : undefined),
      });
      await aws.call('s3', `PUT /${bucket}`);
      for (const name of ['one', 'two']) {
        await aws.call('codecommit', 'CreateRepository', { repositoryName: name });
        await createRepository(join(root, name), { commits: 2 });
      }
    });
    after(async () => {
      restore();
      await server.close();
      rmSync(root, { recursive: true });
    });

    const item = (name: string) => ({
      item: {
        source: 'codecommit',
        id: `id-${name}`,
        path: ['123456789012', 'us-east-1', name],
        name: `123456789012/us-east-1/${name}`,
      },
    });

    async function build(items: unknown, more: Record<string, string> = {}) {
      return holdfast(['backup-item', '--json'], {
        cwd: await folder(),
        env: {
          ...aws.server().environment,
          HOLDFAST_SOURCE: 'codecommit',
          HOLDFAST_BUCKET: bucket,
          HOLDFAST_SETTINGS: JSON.stringify({ regions: ['us-east-1'], gitEndpoint: server.url, prefix: 'backups' }),
          HOLDFAST_VAULT: `s3://${bucket}/backups`,
          HOLDFAST_RUN: '2026-11-20T010000.000Z',
          HOLDFAST_ITEM: JSON.stringify(items),
          ...more,
        },
      });
    }

    it('takes one item, or several in turn, of which none that fails stops another', async () => {
      const alone = await build(item('one'));
      expect(alone.code, alone.stderr + alone.stdout).to.equal(0);
      const { code, stdout } = await build([item('gone'), item('two')]);
      expect(code).to.equal(3);
      expect(events(stdout).map(({ outcome, code: why }) => [outcome, why])).to.deep.equal([
        ['failed', 'SourceMissing'],
        ['stored', undefined],
      ]);
      expect((await build([item('gone')])).code).to.equal(1);
    });

    it('restores what it stores before it counts, where the deployment says so', async () => {
      const path = await createRepository(join(root, 'rotten'), { commits: 30 });
      await aws.call('codecommit', 'CreateRepository', { repositoryName: 'rotten' });
      await git(path, 'repack', '-adq');
      const packs = join(path, 'objects/pack');
      const file = join(
        packs,
        (await readdir(packs)).find((name) => name.endsWith('.pack'))!,
      );
      const bytes = await readFile(file);
      bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
      await chmod(file, 0o600);
      await writeFile(file, bytes);
      const checked = await build(item('rotten'), { HOLDFAST_CHECK_OBJECTS: 'true' });
      expect(checked.stdout).to.include('the data that the server sent does not restore');
      expect(checked.code).to.equal(1);
      expect((await build(item('rotten'))).code).to.equal(0);
    });

    it('builds on no snapshot that somebody has made up, and says so', async () => {
      const path = await createRepository(join(root, 'forged'), { commits: 2 });
      await aws.call('codecommit', 'CreateRepository', { repositoryName: 'forged' });
      const run = (day: number) => ({ HOLDFAST_RUN: `2026-11-${day}T010000.000Z` });
      expect((await build(item('forged'), run(20))).code).to.equal(0);
      const vault = new S3Vault({ bucket, prefix: 'backups' });
      const catalogue = new Catalogue(vault);
      const prefix = itemPrefix('codecommit', item('forged').item.path);
      const { manifest: first } = await catalogue.manifest(prefix, '2026-11-20T010000.000Z');
      // Of the refs that the repository has, so that it would be unchanged.
      const forge = async (snapshot: string): Promise<void> => {
        const key = dataKey(prefix, snapshot, '0badf00d', 'repository.bundle');
        const junk = Buffer.alloc(1000, 'junk');
        await vault.create(key, junk);
        const data: Manifest['data'] = [{ key, format: 'bundle', bytes: junk.length, sha256: sha256(junk) }];
        await vault.create(
          manifestKey(prefix, snapshot),
          Buffer.from(writeManifest({ ...first, snapshot, data }).text),
        );
      };
      for (const [day, forged] of [
        [22, '2026-11-21T010000.000Z'],
        [24, '2999-01-01T000000.000Z'],
      ] as const) {
        await forge(forged);
        if (day === 24) await addCommit(path);
        const { code, stdout } = await build(item('forged'), run(day));
        expect(code, stdout).to.equal(0);
        expect(stdout).to.include(forged);
        const { manifest } = await catalogue.manifest(prefix, run(day).HOLDFAST_RUN);
        expect(JSON.stringify([manifest.parent, manifest.chain])).to.not.include(forged);
        expect(manifest.kind).to.equal(day === 22 ? 'unchanged' : 'incremental');
      }
    });

    it('names every variable that is missing or wrong', async () => {
      const { code, stdout } = await build(item('one'), { HOLDFAST_SETTINGS: '{"regions":[],"includ":[]}' });
      expect(code).to.equal(2);
      expect(stdout).to.include('regions: must name a region').and.to.include('includ');
      expect((await build('not an item')).stdout).to.include('HOLDFAST_ITEM');
      expect((await build(item('one'), { HOLDFAST_SOURCE: 'git' })).stdout).to.include('HOLDFAST_SOURCE must be');
    });
  },
  { env: { LOCAL_AWS_CODECOMMIT_FOLDER: root } },
);
