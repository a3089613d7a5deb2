import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { verifySnapshot } from '#core/run/verify.ts';
import { dataKey, manifestKey } from '#core/vault/layout.ts';
import { sources } from '#core/sources/table.ts';
import { findLeftovers } from '#core/vault/leftovers.ts';
import type { ObjectWriter } from '#core/vault/storage/vault.ts';
import { itemNamed } from '../../../support/backups.ts';
import { FaultyVault, RecordingVault, ReplacingVault } from '../../../support/faulty-vault.ts';
import { addCommit, useTemporaryFolders } from '../../../support/repositories.ts';
import { failureOf } from '../../../support/streams.ts';
import { store } from '../../../support/vault-content.ts';
import { everything, life, StoredRepository, type Stored } from '../repositories/restore/stored-repository.ts';

/** After everything that the tests store. */
const later = new Date(Date.now() + 86_400_000);

describe('leftovers', () => {
  const folder = useTemporaryFolders();

  async function leftovers(stored: StoredRepository, before = later): Promise<string[]> {
    return (await findLeftovers(stored.vault, sources, before)).map(({ key }) => key);
  }

  const dataOf = ({ manifest }: Stored): string => manifest.data[0]!.key;
  const manifestOf = ({ outcome }: Stored): string => manifestKey(outcome.prefix, outcome.snapshot);

  it('are none where every backup succeeded', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    await stored.chain(life);
    await stored.take();
    await stored.take({ format: 'zip' }, { item: itemNamed('archived') });
    expect(await leftovers(stored)).to.deep.equal([]);
  });

  it('are what an attempt stored that came to nothing', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const [, second] = await stored.chain([(path) => addCommit(path)]);
    const unchanged = await stored.take();
    const { prefix } = second!.outcome;
    const keys = [
      // Beside a manifest that names other data, beside one that names none, and without any.
      dataKey(prefix, second!.outcome.snapshot, 'aaaaaaaa', 'repository.bundle'),
      dataKey(prefix, unchanged.outcome.snapshot, 'aaaaaaaa', 'repository.bundle'),
      dataKey(prefix, stored.backups.nextSnapshot(), 'aaaaaaaa', 'repository.bundle'),
    ];
    for (const key of keys) await store(stored.vault, key, Buffer.from('left over'));
    expect(await leftovers(stored)).to.deep.equal(keys);
  });

  it('are told by age: what is younger may belong to a backup that is under way', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 1 });
    await stored.take();
    const prefix = 'git/example.org/app/';
    const snapshot = stored.backups.nextSnapshot();
    const [old, young] = ['aaaaaaaa', 'bbbbbbbb'].map((attempt) =>
      dataKey(prefix, snapshot, attempt, 'repository.bundle'),
    );
    for (const key of [old!, young!]) await store(stored.vault, key, Buffer.from('left over'));
    const before = new Date('2026-06-01T00:00:00Z');
    await utimes(join(stored.backups.folder, old!), new Date('2026-05-31'), new Date('2026-05-31'));
    await utimes(join(stored.backups.folder, young!), before, before);
    expect(await leftovers(stored, before)).to.deep.equal([old]);
  });

  it('are never what a backup under way goes on to name', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 2 });
    await stored.take();
    await addCommit(stored.path);
    const began = new Date(Date.now() - 1000);
    const seen: string[][] = [];
    const looking = new (class extends RecordingVault {
      override writer(key: string): ObjectWriter {
        const inner = super.writer(key);
        const finish = async () => {
          const finished = await inner.finish();
          seen.push(await leftovers(stored, began), await leftovers(stored));
          return finished;
        };
        return { write: (bytes) => inner.write(bytes), abort: () => inner.abort(), finish };
      }
    })(stored.vault);
    const taken = await stored.take({}, { vault: looking });
    expect(seen).to.deep.equal([[], [dataOf(taken)]]);
    expect(await leftovers(stored)).to.deep.equal([]);
  });

  it('are never what the chain of a later snapshot needs, although the manifest beside it is gone', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const chain = await stored.chain([(path) => addCommit(path), (path) => addCommit(path)]);
    await stored.vault.remove(manifestOf(chain[0]));
    expect(await leftovers(stored)).to.deep.equal([]);
    await stored.vault.remove(manifestOf(chain[1]!));
    expect(await leftovers(stored)).to.deep.equal([]);
    const [last] = (await stored.catalogue.item(chain[2]!.outcome.prefix)).snapshots.slice(-1);
    expect((await verifySnapshot(stored.vault, stored.catalogue, last!)).problems).to.deep.equal([]);
    await stored.vault.remove(manifestOf(chain[2]!));
    expect(await leftovers(stored)).to.deep.equal(chain.map(dataOf));
  });

  it('are never what an unchanged snapshot equals, although the manifest beside it is gone', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 1 });
    const first = await stored.take();
    await stored.take();
    await stored.vault.remove(manifestOf(first));
    expect(await leftovers(stored)).to.deep.equal([]);
  });

  it('are never what a snapshot needs that was taken under another name', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 2 });
    const first = await stored.take();
    await addCommit(stored.path);
    const renamed = await stored.take({}, { item: itemNamed('renamed', first.manifest.item.id) });
    expect(renamed.manifest.chain.map(({ key }) => key)).to.deep.equal([dataOf(first)]);
    await stored.vault.remove(manifestOf(first));
    expect(await leftovers(stored)).to.deep.equal([]);
  });

  it('are not told of an item whose manifest cannot be read, but of all others', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const chain = await stored.chain([(path) => addCommit(path)]);
    const other = await stored.take({}, { item: itemNamed('other') });
    const keys = [chain[0], other].map(({ outcome }) =>
      dataKey(outcome.prefix, outcome.snapshot, 'aaaaaaaa', 'repository.bundle'),
    );
    for (const key of keys) await store(stored.vault, key, Buffer.from('left over'));
    const manifest = await readFile(join(stored.backups.folder, manifestOf(chain[0])));
    const vault = new ReplacingVault(stored.vault, new Map([[manifestOf(chain[0]), manifest.subarray(1)]]));
    expect((await findLeftovers(vault, sources, later)).map(({ key }) => key)).to.deep.equal([keys[1]]);
  });

  it('are not told where the vault cannot be read', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 1 });
    const taken = await stored.take();
    await store(stored.vault, `${dataOf(taken)}.more`, Buffer.from('left over'));
    const counting = new FaultyVault(stored.vault);
    expect(await findLeftovers(counting, sources, later)).to.have.length(1);
    for (let at = 1; at <= counting.operations.length; at++) {
      const vault = new FaultyVault(stored.vault, [{ at, moment: 'before', transient: false }]);
      expect((await failureOf(findLeftovers(vault, sources, later))).code).to.equal('StorageFailed');
    }
  });

  it('are found without reading data, and manifests only where there may be some', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const [first] = await stored.chain([]);
    for (let day = 0; day < 3; day++) await stored.take();
    const vault = new RecordingVault(stored.vault);
    await findLeftovers(vault, sources, later);
    expect([...vault.bytesRead.keys()]).to.deep.equal([manifestOf(first)]);
    expect(vault.changes).to.deep.equal([]);
  });
});
