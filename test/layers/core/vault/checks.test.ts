import { chmod, readFile, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { drillSnapshot } from '#core/run/drill.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { recordCheck, type CheckResult } from '#core/vault/checks.ts';
import { FaultyVault, ReplacingVault } from '../../../support/faulty-vault.ts';
import { addCommit, useTemporaryFolders } from '../../../support/repositories.ts';
import { collect } from '../../../support/streams.ts';
import { StoredRepository } from '../repositories/restore/stored-repository.ts';

describe('the verdict of a check', () => {
  const folder = useTemporaryFolders();

  it('lies where no snapshot does, and the latest counts', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 2 });
    const { outcome } = await stored.take();
    const entry = async () => (await stored.catalogue.item(outcome.prefix)).snapshots[0]!;
    expect((await entry()).checked).to.equal(undefined);

    const drilled = await drillSnapshot(stored.vault, stored.catalogue, outcome.prefix, outcome.snapshot, {
      indexer: 'native',
    });
    expect(await recordCheck(stored.vault, drilled, 'drill')).to.equal(true);
    expect((await entry()).checked).to.equal('intact');

    const { manifest } = await stored.catalogue.manifest(outcome.prefix, outcome.snapshot);
    await setTimeout(2);
    const damaged = new ReplacingVault(stored.vault, new Map([[manifest.data[0]!.key, Buffer.alloc(9)]]));
    const verified = await verifySnapshot(damaged, stored.catalogue, await entry());
    expect(await recordCheck(stored.vault, verified, 'verify')).to.equal(true);
    expect((await entry()).checked).to.equal('damaged');

    const records = await Promise.all(
      (await entry()).checks.map(
        async ({ key }) => JSON.parse((await collect(stored.vault.read(key))).toString()) as Record<string, unknown>,
      ),
    );
    expect(records.map(({ how, verdict, problems, bytes }) => ({ how, verdict, problems, bytes }))).to.deep.equal([
      { how: 'verify', verdict: 'damaged', problems: verified.problems, bytes: verified.bytes },
      { how: 'drill', verdict: 'intact', problems: [], bytes: manifest.data[0]!.bytes },
    ]);
  });

  it('takes the place of the one before that was the same, so that they do not pile up', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 1 });
    const { prefix, snapshot } = (await stored.take()).outcome;
    const result = { item: prefix, snapshot, bytes: 0 };
    for (const problems of [[], [], ['flipped'], [], ['flipped']])
      await recordCheck(stored.vault, { ...result, problems }, 'drill');
    expect((await stored.catalogue.item(prefix)).snapshots[0]?.checks).to.have.length(2);
  });

  it('keeps the next backup from building on what is damaged, until it is found to be intact', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 2 });
    const { outcome } = await stored.take();
    const result: CheckResult = { item: outcome.prefix, snapshot: outcome.snapshot, problems: [], bytes: 0 };
    await recordCheck(stored.vault, { ...result, problems: ['flipped'] }, 'verify');
    await addCommit(stored.path);
    const after = await stored.take();
    expect(after.manifest.kind).to.equal('full');
    const [chained] = await stored.chain([]);
    expect(chained.manifest.kind).to.equal('unchanged');

    const again = await StoredRepository.create(await folder(), { commits: 2 });
    const first = (await again.take()).outcome;
    await recordCheck(again.vault, { ...result, ...first, item: first.prefix, problems: ['flipped'] }, 'verify');
    await setTimeout(2);
    await recordCheck(again.vault, { ...result, ...first, item: first.prefix }, 'drill');
    await addCommit(again.path);
    expect((await again.take()).manifest.kind).to.equal('incremental');
  });

  it('on a snapshot that equals an earlier one counts for that one, and for others that equal it', async () => {
    for (const afterwards of [0, 1]) {
      const stored = await StoredRepository.create(await folder(), { commits: 2 });
      const first = await stored.take();
      const { outcome } = await stored.take();
      for (let taken = 0; taken < afterwards; taken++) await stored.take();
      const [bundle] = stored.backups.bundles(first.manifest);
      const bytes = await readFile(bundle!);
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 30) ^ 1, bytes.length - 30);
      await chmod(bundle!, 0o600);
      await writeFile(bundle!, bytes);
      const drilled = await drillSnapshot(stored.vault, stored.catalogue, outcome.prefix, outcome.snapshot, {
        indexer: 'native',
      });
      expect(drilled.problems).to.have.length(1);
      await recordCheck(stored.vault, drilled, 'drill');
      const healed = await stored.take();
      expect(healed.manifest.kind).to.equal('full');
      await stored.backups.expectRestorable(healed, stored.path);
      expect((await stored.take()).manifest).to.deep.include({ kind: 'unchanged' });
    }
  });

  it('is only told where the vault lets nobody write', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 1 });
    const { prefix, snapshot } = (await stored.take()).outcome;
    const vault = new FaultyVault(stored.vault, [{ at: 1, moment: 'before', transient: false }]);
    const result = { item: prefix, snapshot, problems: [], bytes: 0 };
    expect(await recordCheck(vault, result, 'drill')).to.equal(false);
    expect((await stored.catalogue.item(prefix)).snapshots[0]?.checked).to.equal(undefined);
  });
});
