import { expect } from 'chai';
import pMap from 'p-map';
import { failCall, throttle } from '../../../../support/codeartifact/faults.ts';
import { cutBody, flipByte, type When } from '../../../../support/git-faults.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { shuffle } from '../../../../support/shuffle.ts';
import { failureOf } from '../../../../support/streams.ts';
import { codeOf, keysOf, sha256 } from '../../../../support/vault-content.ts';
import { hammer, KeptPackages } from './kept-packages.ts';

describe('a snapshot of a package version', () => {
  const folder = useTemporaryFolders();
  let kept: KeptPackages;

  beforeEach(async () => {
    kept = await KeptPackages.start(await folder());
  });
  afterEach(() => kept.close());

  const manifests = async (): Promise<string[]> =>
    (await keysOf(kept.vault)).filter((key) => key.endsWith('/manifest.json'));

  it('holds every asset byte by byte, under the name and with the hash that the registry has of it', async () => {
    const assets = { 'hammer.zip': 'the hammer', 'Handle (left).txt': 'wood', 'empty.bin': '' };
    kept.publish({ assets });
    const outcome = await kept.backUp();
    expect(outcome).to.include({ outcome: 'stored', kind: 'full', bytes: 14 });
    const [snapshot] = await kept.snapshots();
    expect(await kept.content(snapshot!)).to.deep.equal(assets);
    expect(snapshot!.manifest.data.map(({ sha256: hash }) => hash)).to.have.members(
      Object.values(assets).map((text) => sha256(Buffer.from(text))),
    );
  });

  it('says what the registry knows of the version', async () => {
    kept.publish({
      assets: { 'hammer.zip': 'x' },
      details: {
        displayName: 'Hammer',
        summary: 'Hits nails',
        licenses: [{ name: 'Apache-2.0' }],
        dependencies: [{ package: 'nail', versionRequirement: '>=2' }],
        readme: '# Hammer',
      },
    });
    const { revision } = kept.registry.findVersion(kept.repository, hammer)!;
    await kept.backUp();
    const [snapshot] = await kept.snapshots();
    expect(snapshot!.manifest.metadata).to.deep.include({
      format: 'generic',
      namespace: 'tools',
      package: 'hammer',
      version: '1.0',
      revision,
      status: 'Published',
      displayName: 'Hammer',
      summary: 'Hits nails',
      readme: '# Hammer',
      dependencies: [{ package: 'nail', versionRequirement: '>=2' }],
    });
  });

  it('is one, however often the version is looked at while it does not change', async () => {
    kept.publish({ assets: { 'hammer.zip': 'x' } });
    await kept.backUp();
    const before = await keysOf(kept.vault);
    expect(await kept.backUp()).to.include({ outcome: 'unchanged' });
    expect(await keysOf(kept.vault)).to.deep.equal(before);
    expect(kept.registry.meter.calls('GetPackageVersionAsset')).to.equal(1);
  });

  it('is one for each version, when a thousand events come ten times each, shuffled and at once', async () => {
    const versions = Array.from({ length: 1000 }, (_, at) => `1.${at}`);
    for (const version of versions) kept.publish({ version, assets: { 'hammer.zip': version } });
    const events = shuffle(
      Array.from({ length: 10 }).flatMap(() => versions),
      20261120,
    );
    await pMap(events, (version) => kept.backUp({ version }), { concurrency: 16 });
    const stored = await manifests();
    expect(new Set(stored.map((key) => key.split('/').at(-3))).size).to.equal(1000);
    expect(stored).to.have.length(1000);
  }).timeout(180_000);

  it('holds what is new beside what the snapshot before holds, when an asset is added', async () => {
    const version = kept.publish({ assets: { 'hammer.zip': 'head' } });
    await kept.backUp();
    kept.registry.putAsset(version, 'hammer.sig', 'signed');
    expect(await kept.backUp()).to.include({ outcome: 'stored', kind: 'incremental', bytes: 6 });
    const [, second] = await kept.snapshots();
    expect(await kept.content(second!)).to.deep.equal({ 'hammer.zip': 'head', 'hammer.sig': 'signed' });
    kept.registry.removeAsset(version, 'hammer.zip');
    await kept.backUp();
    const third = (await kept.snapshots())[2]!;
    expect(await kept.content(third)).to.deep.equal({ 'hammer.sig': 'signed' });
  });

  it('tells of other content under the same name, and keeps both', async () => {
    const version = kept.publish({ assets: { 'hammer.zip': 'good' } });
    await kept.backUp();
    kept.registry.putAsset(version, 'hammer.zip', 'evil');
    await kept.backUp();
    const [first, second] = await kept.snapshots();
    expect(second!.manifest.warnings.join()).to.match(/the content of hammer\.zip differs from snapshot/);
    expect(await kept.content(first!)).to.deep.equal({ 'hammer.zip': 'good' });
    expect(await kept.content(second!)).to.deep.equal({ 'hammer.zip': 'evil' });
  });

  it('follows the status, and back', async () => {
    const version = kept.publish({ assets: { 'hammer.zip': 'x' } });
    await kept.backUp();
    for (const status of ['Unlisted', 'Published', 'Archived'] as const) {
      kept.registry.setStatus(version, status);
      expect(await kept.backUp()).to.include({ outcome: 'unchanged' });
    }
    const snapshots = await kept.snapshots();
    expect(snapshots.map(({ manifest }) => manifest.metadata?.['status'])).to.deep.equal([
      'Published',
      'Unlisted',
      'Published',
      'Archived',
    ]);
    for (const snapshot of snapshots) expect(await kept.content(snapshot)).to.deep.equal({ 'hammer.zip': 'x' });
  });

  for (const end of ['disposed', 'deleted'] as const)
    it(`is kept when the version is ${end}, and that is noted once`, async () => {
      const version = kept.publish({ assets: { 'hammer.zip': 'x' } });
      await kept.backUp();
      if (end === 'deleted') kept.registry.deleteVersion(version);
      else kept.registry.setStatus(version, 'Disposed');
      const outcome = await kept.backUp();
      expect(outcome).to.include({ outcome: 'unchanged' });
      expect('warnings' in outcome && outcome.warnings.join()).to.match(
        /at its source, which no longer serves its assets/,
      );
      expect(await kept.backUp()).to.deep.include({ outcome: 'unchanged', warnings: [] });
      const [, last, ...more] = await kept.snapshots();
      expect(more).to.deep.equal([]);
      expect(await kept.content(last!)).to.deep.equal({ 'hammer.zip': 'x' });
    });

  it('is not made of a version that was deleted before it was stored', async () => {
    expect(await codeOf(kept.backUp())).to.equal('SourceMissing');
    expect(await keysOf(kept.vault)).to.deep.equal([]);
  });

  it('is not made of a version that was archived before it was stored', async () => {
    kept.publish({ assets: { 'hammer.zip': 'x' }, status: 'Archived' });
    expect(await kept.backUp()).to.include({ outcome: 'skipped', reason: 'its source no longer serves its assets' });
    expect(await keysOf(kept.vault)).to.deep.equal([]);
  });

  it('waits for versions that are not finished, and leaves out copies of public packages unless told', async () => {
    kept.publish({ assets: { 'hammer.zip': 'x' }, status: 'Unfinished' });
    expect(await kept.backUp()).to.include({ outcome: 'skipped' });
    kept.publish({ version: '2.0', assets: { 'hammer.zip': 'x' }, externalConnection: 'public:npmjs' });
    expect(await kept.backUp({ version: '2.0' })).to.include({ reason: 'a copy of a public package' });
    const source = kept.open({ external: true });
    expect(await kept.backUp({ version: '2.0' }, { source })).to.include({ outcome: 'stored' });
    source.close();
  });

  it('is empty where the version has no assets', async () => {
    kept.publish({ assets: {} });
    expect(await kept.backUp()).to.include({ outcome: 'stored', kind: 'empty' });
  });

  it('holds all of 350 assets', async () => {
    const assets = Object.fromEntries(Array.from({ length: 350 }, (_, at) => [`part-${at}.bin`, `${at}`]));
    kept.publish({ assets });
    await kept.backUp();
    const [snapshot] = await kept.snapshots();
    expect(await kept.content(snapshot!)).to.deep.equal(assets);
  });

  it('is taken again where the one before is damaged', async () => {
    kept.publish({ assets: { 'hammer.zip': 'x' } });
    await kept.backUp();
    const [first] = await kept.snapshots();
    await kept.vault.remove(first!.manifest.data[0]!.key);
    expect(await kept.backUp()).to.include({ outcome: 'stored', kind: 'full' });
    const [, second] = await kept.snapshots();
    expect(await kept.content(second!)).to.deep.equal({ 'hammer.zip': 'x' });
    expect(second!.manifest.warnings.join()).to.include('damaged');
  });

  describe('when the registry fails', () => {
    const asset = { on: 'api', path: /^\/GetPackageVersionAsset\// } as const;

    beforeEach(() => kept.publish({ assets: { 'hammer.zip': 'the hammer', 'handle.txt': 'wood' } }));

    for (const [what, fault] of [
      ['is cut off', (when: When) => cutBody({ after: 2, ending: 'close' }, when)],
      ['is reset', (when: When) => cutBody({ after: 2, ending: 'reset' }, when)],
      ['comes with a flipped bit', (when: When) => flipByte({ at: 1 }, when)],
      ['is throttled', (when: When) => throttle({}, when)],
    ] as const) {
      it(`does not exist while an asset ${what}`, async () => {
        kept.registry.faults.push(fault(asset));
        expect(await codeOf(kept.backUp())).to.be.oneOf(['Truncated', 'Corrupt', 'Unavailable', 'RateLimited']);
        expect(await manifests()).to.deep.equal([]);
      });

      it(`is whole once an asset no longer ${what}`, async () => {
        kept.registry.faults.push(fault({ ...asset, times: 2 }));
        expect(await kept.backUp()).to.include({ outcome: 'stored' });
        const [snapshot] = await kept.snapshots();
        expect(await kept.content(snapshot!)).to.deep.equal({ 'hammer.zip': 'the hammer', 'handle.txt': 'wood' });
      });
    }

    it('is of the revision that the version has in the end, when that changes meanwhile', async () => {
      const version = kept.registry.findVersion(kept.repository, hammer)!;
      kept.registry.beforeCall = (call) => {
        if (!call.startsWith('/GetPackageVersionAsset')) return;
        kept.registry.beforeCall = undefined;
        kept.registry.putAsset(version, 'late.txt', 'late');
      };
      expect(await kept.backUp()).to.include({ outcome: 'stored' });
      const [snapshot] = await kept.snapshots();
      expect(Object.keys(await kept.content(snapshot!))).to.have.members(['hammer.zip', 'handle.txt', 'late.txt']);
      expect(snapshot!.manifest.metadata).to.include({ revision: version.revision });
    });

    it('fails where the version is deleted meanwhile, and commits nothing', async () => {
      const version = kept.registry.findVersion(kept.repository, hammer)!;
      kept.registry.beforeCall = (call) => {
        if (!call.startsWith('/GetPackageVersionAsset')) return;
        kept.registry.beforeCall = undefined;
        kept.registry.deleteVersion(version);
      };
      expect(await codeOf(kept.backUp())).to.equal('SourceMissing');
      expect(await manifests()).to.deep.equal([]);
    });

    it('names the action and the resource that are not allowed', async () => {
      kept.registry.denied.push({ action: 'codeartifact:GetPackageVersionAsset' });
      const error = await failureOf(kept.backUp());
      expect(error).to.include({ code: 'AccessDenied', transient: false });
      expect(error.message).to.match(/codeartifact:GetPackageVersionAsset.*arn:aws:codeartifact:/);
    });

    it('is taken without what cannot be told beside the assets, and says so', async () => {
      const when = { on: 'api', path: /^\/GetPackageVersionReadme\// } as const;
      kept.registry.faults.push(failCall('InternalServerException', 'oh no', when));
      expect(await kept.backUp()).to.include({ outcome: 'stored' });
      const [snapshot] = await kept.snapshots();
      expect(snapshot!.manifest.warnings.join()).to.include('readme');
    });
  });
});
