import { expect } from 'chai';
import { verifySnapshot } from '#core/run/verify.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { manifestKey } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { itemNamed } from '../../../support/backups.ts';
import { FaultyVault, RecordingVault, ReplacingVault } from '../../../support/faulty-vault.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { collect, failureOf } from '../../../support/streams.ts';
import { craft, craftBundle, dataOf, packOf, type Crafted } from '../repositories/restore/crafted.ts';
import { everything, life, StoredRepository, type Stored } from '../repositories/restore/stored-repository.ts';

async function verify(vault: Vault, prefix: string, snapshot: SnapshotId) {
  const catalogue = new Catalogue(vault);
  const entry: SnapshotEntry = (await catalogue.item(prefix)).snapshots.find((one) => one.snapshot === snapshot) ?? {
    item: prefix,
    snapshot,
    hasManifest: true,
    manifestModified: undefined,
    objects: [],
    checks: [],
    checked: undefined,
  };
  return verifySnapshot(vault, catalogue, entry);
}

describe('a verification of sound snapshots', () => {
  const folder = useTemporaryFolders();

  it('reads each byte that each of them stored, once', async () => {
    const stored = await StoredRepository.create(await folder(), everything);
    const chain = await stored.chain(life);
    const unchanged = await stored.take();
    const archived = await stored.take({ format: 'zip' });
    for (const taken of [...chain, unchanged, archived]) {
      const vault = new RecordingVault(stored.vault);
      const result = await verify(vault, taken.outcome.prefix, taken.outcome.snapshot);
      expect(result.problems).to.deep.equal([]);
      const data = new Map(taken.manifest.data.map(({ key, bytes }) => [key, bytes]));
      expect(new Map([...vault.bytesRead].filter(([key]) => !key.endsWith('.json')))).to.deep.equal(data);
      expect(result.bytes).to.equal([...data.values()].reduce((sum, bytes) => sum + bytes, 0));
      expect(vault.changes).to.deep.equal([]);
    }
  });

  it('takes an empty snapshot for what it is', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 0 });
    const { outcome } = await stored.take();
    expect(await verify(stored.vault, outcome.prefix, outcome.snapshot)).to.deep.include({ problems: [], bytes: 0 });
  });
});

describe('a verification of damaged snapshots', () => {
  const folder = useTemporaryFolders();
  let stored: StoredRepository;
  let chain: [Stored, ...Stored[]];
  let unchanged: Stored;
  let other: Stored;

  before(async () => {
    stored = await StoredRepository.create(await folder(), everything);
    chain = await stored.chain(life.slice(0, 2));
    unchanged = await stored.take();
    other = await stored.take({}, { item: itemNamed('other') });
  });

  /** What is found with other content under some keys. */
  async function found(taken: Stored, replaced: [string, Buffer | undefined][]): Promise<string[]> {
    const vault = new ReplacingVault(stored.vault, new Map(replaced));
    return (await verify(vault, taken.outcome.prefix, taken.outcome.snapshot)).problems;
  }

  const keyOf = ({ manifest }: Stored): string => manifest.data[0]!.key;
  const manifestOf = ({ outcome }: Stored): string => manifestKey(outcome.prefix, outcome.snapshot);
  const stand = (key: string): Promise<Buffer> => collect(stored.vault.read(key));

  it('finds data that is gone', async () => {
    const [problem, ...more] = await found(chain[1]!, [[keyOf(chain[1]!), undefined]]);
    expect(more).to.deep.equal([]);
    expect(problem).to.equal(`${keyOf(chain[1]!)} is gone from the vault`);
  });

  it('finds data of an earlier snapshot that is gone or has another length, in all that build on it', async () => {
    const key = keyOf(chain[0]);
    for (const taken of [chain[1]!, chain[2]!, unchanged]) {
      expect(await found(taken, [[key, undefined]])).to.deep.equal([
        `${key}, on which it builds, is gone from the vault`,
      ]);
      const [problem, ...more] = await found(taken, [[key, (await stand(key)).subarray(1)]]);
      expect(more).to.deep.equal([]);
      expect(problem).to.match(/has \d+ bytes instead of \d+$/);
    }
  });

  it('finds data that was swapped with that of another snapshot, or replaced by another sound bundle', async () => {
    for (const instead of [chain[0], chain[2]!, other])
      expect(await found(chain[1]!, [[keyOf(chain[1]!), await stand(keyOf(instead))]])).to.have.length(1);
  });

  it('finds other data of the same length', async () => {
    const bytes = await stand(keyOf(chain[0]));
    const header = bytes.indexOf('\n\n') + 2;
    expect(
      await found(chain[0], [
        [keyOf(chain[0]), Buffer.concat([bytes.subarray(0, header), Buffer.alloc(bytes.length - header)])],
      ]),
    ).to.have.length(1);
    const swapped = Buffer.from(bytes);
    [swapped[header + 40], swapped[header + 41]] = [bytes[header + 41]!, bytes[header + 40]!];
    expect(swapped).not.to.deep.equal(bytes);
    expect(await found(chain[0], [[keyOf(chain[0]), swapped]])).to.deep.equal([
      `${keyOf(chain[0])} does not match the SHA-256 in its manifest`,
    ]);
  });

  it('finds a manifest that is gone or is that of another snapshot or item', async () => {
    expect(await found(chain[1]!, [[manifestOf(chain[1]!), undefined]])).to.have.length(1);
    for (const instead of [chain[0], chain[2]!, other]) {
      const [problem, ...more] = await found(chain[1]!, [[manifestOf(chain[1]!), await stand(manifestOf(instead))]]);
      expect(more).to.deep.equal([]);
      expect(problem).to.match(/describes another item or snapshot$/);
    }
  });

  it('finds that what an unchanged snapshot equals is gone, or is not what it was', async () => {
    const key = manifestOf(chain[2]!);
    expect(await found(unchanged, [[key, undefined]])).to.have.length(1);
    // As sound as it was, but taken a moment later.
    const forged = craft(stored, chain[2]!, { git: { refsDigest: 'f'.repeat(64) } });
    const [problem, ...more] = await found(unchanged, [[key, await collect(forged.vault.read(key))]]);
    expect(more).to.deep.equal([]);
    expect(problem).to.match(/is not the snapshot on which a later one was built$/);
  });

  const crafts: [string, (taken: Stored) => Promise<Crafted> | Crafted][] = [
    [
      'a ref that its manifest does not have',
      async (taken) =>
        craftBundle(
          stored,
          taken,
          packOf(await dataOf(stored, taken)),
          new Map([
            ...Object.entries(taken.manifest.git!.refs!),
            ['refs/heads/more', Object.values(taken.manifest.git!.refs!)[0]!],
          ]),
        ),
    ],
    [
      'not all the refs of its manifest',
      async (taken) =>
        craftBundle(
          stored,
          taken,
          packOf(await dataOf(stored, taken)),
          new Map(Object.entries(taken.manifest.git!.refs!).slice(1)),
        ),
    ],
    [
      'a ref elsewhere than its manifest says',
      (taken) =>
        craft(stored, taken, { git: { refs: { ...taken.manifest.git!.refs, 'refs/heads/main': 'e'.repeat(40) } } }),
    ],
    ['other prerequisites', (taken) => craft(stored, taken, { git: { prerequisites: ['e'.repeat(40)] } })],
    [
      'another pack, by its hash',
      (taken) => craft(stored, taken, { git: { pack: { ...taken.manifest.git!.pack!, hash: 'e'.repeat(40) } } }),
    ],
    [
      'another pack, by its count of objects',
      (taken) => craft(stored, taken, { git: { pack: { ...taken.manifest.git!.pack!, objects: 1 } } }),
    ],
    [
      'no pack',
      async (taken) =>
        craft(stored, taken, {
          data: (await dataOf(stored, taken)).subarray(0, -packOf(await dataOf(stored, taken)).length),
        }),
    ],
    [
      'a pack that does not match its own hash',
      async (taken) => {
        const data = await dataOf(stored, taken);
        return craft(stored, taken, { data: Buffer.concat([data.subarray(0, -1), Buffer.from([data.at(-1)! ^ 1])]) });
      },
    ],
    ['no bundle', (taken) => craft(stored, taken, { data: Buffer.from('# v9 git bundle\n\n') })],
  ];

  for (const [what, make] of crafts)
    it(`finds that a bundle whose digest is right holds ${what}`, async () => {
      for (const taken of [chain[0], chain[1]!]) {
        const { vault, prefix, snapshot } = await make(taken);
        const { problems } = await verify(vault, prefix, snapshot);
        expect(problems).to.have.length(1);
        expect(problems[0]).to.include(keyOf(taken));
      }
    });

  it('finds data of another length than the manifest says, although its digest is right', async () => {
    for (const taken of [chain[0], chain[1]!])
      for (const more of [-1, 1]) {
        const data = taken.manifest.data.map((object) => ({ ...object, bytes: object.bytes + more }));
        const { vault, prefix, snapshot } = craft(stored, taken, { manifest: { data } });
        const { problems } = await verify(vault, prefix, snapshot);
        expect(problems).to.have.length(1);
        expect(problems[0]).to.match(/has \d+ bytes instead of \d+$/);
      }
  });

  it('finds a manifest that claims the data of another snapshot', async () => {
    const { vault, prefix, snapshot } = craft(stored, chain[1]!, { manifest: { data: chain[0].manifest.data } });
    const { problems } = await verify(vault, prefix, snapshot);
    expect(problems).to.have.length(1);
    expect(problems[0]).to.match(/claims data of another snapshot$/);
  });

  it('is not held where the vault cannot be read, rather than taken for damage', async () => {
    const { prefix, snapshot } = chain[1]!.outcome;
    for (const at of [/^read .*manifest/, /^read .*bundle/, /^stat /]) {
      const vault = new FaultyVault(stored.vault, [{ at, moment: 'before', transient: false }]);
      expect((await failureOf(verify(vault, prefix, snapshot))).code).to.equal('StorageFailed');
    }
  });

  it('tells several problems of one snapshot', async () => {
    const problems = await found(chain[2]!, [
      [keyOf(chain[0]), undefined],
      [keyOf(chain[1]!), undefined],
      [keyOf(chain[2]!), Buffer.alloc(0)],
    ]);
    expect(problems).to.have.length(3);
  });
});
