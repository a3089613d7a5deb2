import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import type { Report } from '#core/run/report.ts';
import { runBackup } from '#core/run/run.ts';
import { verifyClaims } from '#core/run/verify-claims.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { recordCheck } from '#core/vault/checks.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { keysOf } from '../../../support/vault-content.ts';
import { KeptPackages } from '../packages/backup/kept-packages.ts';

describe('a package version whose snapshot is damaged', () => {
  const folder = useTemporaryFolders();
  let kept: KeptPackages;
  let place: string;
  let day = 0;

  beforeEach(async () => {
    place = await folder();
    kept = await KeptPackages.start(place);
  });
  afterEach(() => kept.close());

  async function run(): Promise<Report['items'][number] | undefined> {
    const { items } = await runBackup({
      source: kept.source,
      vault: kept.vault,
      options: { ...defaultBackupOptions, retry: { attempts: 1, firstWaitMs: 1, longestWaitMs: 2 } },
      run: snapshotIdOf(new Date(Date.UTC(2026, 0, ++day))),
      concurrency: 4,
      largestShrinkage: 0.5,
    });
    return items.find(({ item }) => item.name.endsWith('hammer'));
  }

  const fileOf = (key: string): string => path.join(place, ...key.split('/'));

  async function flip(key: string): Promise<void> {
    const bytes = await readFile(fileOf(key));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(fileOf(key), bytes);
  }

  /** As `holdfast verify` does. */
  async function verify(): Promise<void> {
    const catalogue = new Catalogue(kept.vault);
    for await (const { snapshots } of catalogue.items('codeartifact'))
      for (const entry of snapshots.filter(({ hasManifest }) => hasManifest)) {
        const result = await verifySnapshot(kept.vault, catalogue, entry);
        if (result.problems.length > 0) expect(await recordCheck(kept.vault, result, 'verify')).to.equal(true);
      }
  }

  /** The key of the asset, which the newest snapshot or the one before holds. */
  const assetKeys = async (): Promise<string[]> =>
    (await keysOf(kept.vault)).filter((key) => key.endsWith('hammer.zip'));

  const harms: Record<string, (asset: string) => Promise<void>> = {
    'by a byte that verification found': async (asset) => {
      await flip(asset);
      await verify();
    },
    'by an asset that is shorter': (asset) => truncate(fileOf(asset), 3),
    'by an asset that is gone': (asset) => rm(fileOf(asset)),
  };

  for (const [what, harm] of Object.entries(harms))
    for (const where of ['itself', 'in an older one that it builds on'])
      it(`${what}, ${where}, is stored again by the next run, and then no more`, async () => {
        const version = kept.publish({ assets: { 'hammer.zip': 'the hammer' } });
        kept.publish({ version: '2.0', assets: { 'nail.zip': 'a nail' } });
        await run();
        if (where !== 'itself') {
          kept.registry.putAsset(version, 'handle.txt', 'wood');
          expect(await run()).to.include({ outcome: 'stored', bytes: 4 });
        }
        const [asset = ''] = await assetKeys();
        await harm(asset);

        expect(await run()).to.deep.include({
          outcome: 'stored',
          versions: { listed: 2, stored: 1, unchanged: 1, skipped: 0, gone: 0 },
        });
        const newest = (await kept.snapshots()).at(-1)!;
        expect(newest.manifest.kind).to.equal('full');
        expect(await kept.content(newest)).to.include({ 'hammer.zip': 'the hammer' });
        expect(await run()).to.deep.include({
          outcome: 'unchanged',
          versions: { listed: 2, stored: 0, unchanged: 2, skipped: 0, gone: 0 },
        });
      });

  it('in its manifest is stored again by the next run', async () => {
    kept.publish({ assets: { 'hammer.zip': 'the hammer' } });
    await run();
    const [manifest = ''] = (await keysOf(kept.vault)).filter((key) => /hammer\/1\.0\/.*manifest\.json$/.test(key));
    await flip(manifest);
    expect(await run()).to.include({ outcome: 'stored' });
    expect(await run()).to.include({ outcome: 'unchanged' });
  });

  it('and cannot be stored again is told of by every run', async () => {
    const version = kept.publish({ assets: { 'hammer.zip': 'the hammer' } });
    await run();
    kept.registry.setStatus(version, 'Archived');
    await run();
    const [asset = ''] = await assetKeys();
    await rm(fileOf(asset));
    for (let time = 0; time < 2; time++) {
      const outcome = await run();
      expect(outcome && 'warnings' in outcome && outcome.warnings.join()).to.match(
        /1\.0: its source no longer serves its assets; snapshot .* is damaged/,
      );
    }
  });

  describe('in a claim', () => {
    const claims = async (): Promise<string[]> =>
      (await keysOf(kept.vault)).filter((key) => /hammer\/1\.0\/claim-/.test(key));

    for (const [what, harm] of Object.entries<(text: string) => string>({
      'that is cut': (text) => text.slice(0, 20),
      'that names no snapshot': (text) => text.replace(/"snapshot": "[^"]+"/, '"snapshot": "yesterday"'),
      'that names a snapshot of a time to come': (text) => text.replace(/"snapshot": "20/, '"snapshot": "29'),
      'of another state': (text) => text.replace(/"status": "Published"/, '"status": "Publisher"'),
    }))
      it(`${what} is stored nevertheless, by all who see it as one, and verification names the claim`, async () => {
        kept.publish({ assets: { 'hammer.zip': 'the hammer' } });
        await kept.backUp();
        const [claim = ''] = await claims();
        const text = await readFile(fileOf(claim), 'utf8');
        for (const key of await keysOf(kept.vault)) if (key !== claim) await rm(fileOf(key));
        await writeFile(fileOf(claim), harm(text));

        expect(await verifyClaims(kept.vault, [claim])).to.have.length(1);
        await Promise.all([1, 2, 3].map(() => kept.backUp()));
        expect(await kept.snapshots()).to.have.length(1);
        expect(await kept.backUp()).to.include({ outcome: 'unchanged' });
        expect(await claims()).to.have.length(2);
        expect(await verifyClaims(kept.vault, await claims())).to.have.length(1);
      });
  });
});
