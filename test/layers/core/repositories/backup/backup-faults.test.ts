import { expect } from 'chai';
import fc from 'fast-check';
import { HoldfastError } from '#core/runtime/errors.ts';
import { once, thrice, type Backups } from '../../../../support/backups.ts';
import { FaultyVault, type Moment, type VaultFault } from '../../../../support/faulty-vault.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { Scene, stateOf, type Kind } from '../restore/vault-state.ts';

const kinds: readonly Kind[] = ['full', 'incremental', 'unchanged'];
const moments: readonly Moment[] = ['before', 'halfway', 'after'];
const shape = { commits: 2, branches: ['topic'] };

describe('a backup whose storage fails', () => {
  const folder = useTemporaryFolders();

  /** @returns whether it succeeded in spite of the faults, and how many operations it took */
  async function attempt(scene: Scene, backups: Backups, faults: readonly VaultFault[], attempts = 1) {
    const vault = new FaultyVault(backups.vault, faults);
    const { item, snapshot } = scene;
    const options = { heaviestChain: 1e6, retry: attempts === 1 ? once : thrice };
    try {
      await backups.take(scene.transport, { item, snapshot, vault, options });
      return { succeeded: true, operations: vault.operations.length };
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.code !== 'StorageFailed') throw error;
      return { succeeded: false, operations: vault.operations.length };
    }
  }

  for (const kind of kinds)
    it(`at any operation leaves the snapshot whole or none of it, and can be tried again: ${kind}`, async () => {
      const scene = await Scene.create(await folder(), kind, shape);
      const { operations } = await attempt(scene, await scene.copy('whole'), []);
      expect(operations).to.be.at.least(4);
      const seen = { whole: 0, none: 0, leftovers: 0 };
      for (let at = 1; at <= operations; at++)
        for (const moment of moments) {
          const backups = await scene.copy(`${at}-${moment}`);
          const { succeeded } = await attempt(scene, backups, [{ at, moment, transient: false }]);
          const before = await stateOf(backups);
          seen[before.manifests.has(scene.snapshot) ? 'whole' : 'none']++;
          seen.leftovers += before.leftovers.length;
          // Failing aloud is right although the snapshot is there; the other way round it would be a lie.
          if (succeeded) expect(before.manifests.has(scene.snapshot), `${moment} ${at}`).to.equal(true);
          await scene.expectRecovers(backups, before, `${moment} ${at}`);
        }
      // Only where the answer to the manifest was lost, or the pin could not be removed afterwards.
      expect(seen.whole).to.equal(kind === 'full' ? 1 : 1 + moments.length);
      if (kind !== 'unchanged') expect(seen.leftovers).to.be.above(0);
    });

  for (const kind of kinds)
    it(`for a moment, also while the snapshot before is read, is tried again: ${kind}`, async () => {
      const scene = await Scene.create(await folder(), kind, shape);
      const { operations } = await attempt(scene, await scene.copy('whole'), []);
      for (let at = 1; at <= operations; at++) {
        const backups = await scene.copy(`briefly-${at}`);
        const { succeeded } = await attempt(scene, backups, [{ at, moment: 'before', transient: true }], 3);
        expect(succeeded, `operation ${at}`).to.equal(true);
      }
    });

  it('again and again, now for good and now not, never leaves half a snapshot', async () => {
    const scenes = await Promise.all(kinds.map(async (kind) => Scene.create(await folder(), kind, shape)));
    let number = 0;
    let succeeded = 0;
    const fault = fc.record({
      at: fc.integer({ min: 1, max: 12 }),
      moment: fc.constantFrom(...moments),
      transient: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    });
    // A failure prints its seed.
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...scenes),
        fc.array(fault, { minLength: 1, maxLength: 4 }),
        async (scene, faults) => {
          const backups = await scene.copy(`random-${number++}`);
          const result = await attempt(scene, backups, faults, 3);
          const before = await stateOf(backups);
          if (result.succeeded) {
            succeeded++;
            expect(before.manifests.has(scene.snapshot)).to.equal(true);
          }
          await scene.expectRecovers(backups, before, JSON.stringify(faults));
        },
      ),
      { numRuns: 40 },
    );
    expect(succeeded).to.be.above(5);
  });
});
