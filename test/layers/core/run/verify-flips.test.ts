import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { verifySnapshot } from '#core/run/verify.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { manifestKey } from '#core/vault/layout.ts';
import { ReplacingVault } from '../../../support/faulty-vault.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { addVersions, life, StoredRepository, type Stored } from '../repositories/restore/stored-repository.ts';

describe('a verification', () => {
  const folder = useTemporaryFolders();

  /** One object of a vault, to be replaced by harmed versions of itself. */
  async function harmed(stored: StoredRepository, taken: Stored, key: string) {
    const entry = (await stored.catalogue.item(taken.outcome.prefix)).snapshots.find(
      ({ snapshot }) => snapshot === taken.outcome.snapshot,
    ) as SnapshotEntry;
    const content = await readFile(join(stored.backups.folder, key));
    const vault = new ReplacingVault(stored.vault, new Map(), 1000);
    const catalogue = new Catalogue(vault);
    const problems = async (bytes: Buffer): Promise<string[]> => {
      vault.replaced.set(key, bytes);
      return (await verifySnapshot(vault, catalogue, entry)).problems;
    };
    expect(await problems(content), 'as it was stored').to.deep.equal([]);
    return { content, problems };
  }

  function flipped(content: Buffer, bit: number): Buffer {
    const bytes = Buffer.from(content);
    bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return bytes;
  }

  it('finds every single bit that flipped in a manifest', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 1 });
    const taken = (await stored.chain(life.slice(0, 1))).at(-1)!;
    const { content, problems } = await harmed(
      stored,
      taken,
      manifestKey(taken.outcome.prefix, taken.outcome.snapshot),
    );
    for (let bit = 0; bit < content.length * 8; bit++)
      if ((await problems(flipped(content, bit))).length === 0) expect.fail(`bit ${bit} went unnoticed`);
  });

  it('finds a manifest that was cut off anywhere, or goes on', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 1 });
    const taken = await stored.take();
    const { content, problems } = await harmed(
      stored,
      taken,
      manifestKey(taken.outcome.prefix, taken.outcome.snapshot),
    );
    for (let length = 0; length < content.length; length++)
      if ((await problems(content.subarray(0, length))).length === 0) expect.fail(`${length} bytes went unnoticed`);
    for (const more of ['\n', ' ', '}', content.toString()])
      expect(await problems(Buffer.concat([content, Buffer.from(more)]))).to.have.length(1);
  });

  it('finds every single bit that flipped in the header of a bundle', async () => {
    const stored = await StoredRepository.create(await folder(), { commits: 1 });
    const taken = (await stored.chain(life.slice(0, 1))).at(-1)!;
    const { content, problems } = await harmed(stored, taken, taken.manifest.data[0]!.key);
    const header = content.indexOf('\n\n') + 2;
    for (let bit = 0; bit < (header + 12) * 8; bit++)
      if ((await problems(flipped(content, bit))).length === 0) expect.fail(`bit ${bit} went unnoticed`);
  });

  for (const format of ['bundle', 'tar.gz'] as const)
    it(`finds bits that flipped anywhere in a ${format}, and truncations`, async () => {
      const stored = await StoredRepository.create(await folder(), { commits: 3, branches: ['topic'] });
      await addVersions(stored.path, 1, 2, 3, 4, 5, 6, 7);
      const taken = await stored.take({ format });
      const { content, problems } = await harmed(stored, taken, taken.manifest.data[0]!.key);
      expect(content.length).to.be.above(3000);
      const anywhere = fc.nat(content.length * 8 - 1);
      // A failure prints its seed.
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(anywhere, { minLength: 1, maxLength: 3 }), async (bits) => {
          expect(await problems(bits.reduce(flipped, content))).to.have.length(1);
        }),
        { numRuns: 2000 },
      );
      await fc.assert(
        fc.asyncProperty(fc.nat(content.length - 1), async (length) => {
          expect(await problems(content.subarray(0, length))).to.have.length(1);
        }),
        { numRuns: 1000 },
      );
    });
});
