import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { backUpRepository } from '#core/repositories/backup/backup-repository.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { runPrefix } from '#core/vault/layout.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { sources } from '#core/sources/table.ts';
import { findLeftovers } from '#core/vault/leftovers.ts';
import type { RetentionPolicy } from '#core/vault/retention-policy.ts';
import { applyRetention } from '#core/vault/retention.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { itemNamed, once } from '../../../support/backups.ts';
import { MemoryVault } from '../../../support/memory-vault.ts';
import { RecordedTransport } from '../../../support/recorded-transport.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../../support/repositories.ts';
import { SteppedTask } from '../../../support/step-vault.ts';
import { allOf } from '../../../support/streams.ts';

const policy: RetentionPolicy = { keepLast: 1, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };

/**
 * A backup A that builds on the snapshot P; another backup of the same item, whose full snapshot B makes P superfluous;
 * and a removal of all but the newest, at the same time. The steps of A and of the removal come in every order in which
 * they take turns up to three times, and each of them dies at every step.
 */
describe('a removal of snapshots beside a backup', () => {
  const folder = useTemporaryFolders();
  const item = itemNamed('app');

  interface Scene {
    /** Before B. */
    before: MemoryVault;
    /** What B adds. */
    added: MemoryVault;
    transport: RecordedTransport;
    /** Whether the inventory of a run announces A, in place of a pin. */
    inRun: boolean;
  }

  async function scene(kind: 'unchanged' | 'incremental', inRun = false): Promise<Scene> {
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 2 });
    const take = (vault: Vault, snapshot: string, transport: LocalTransport | RecordedTransport, full = false) => {
      const options = { ...defaultBackupOptions, full, heaviestChain: 100, retry: once };
      return backUpRepository({ item, transport, vault, snapshot, options });
    };
    const before = new MemoryVault();
    const ids = [3, 2, 1].map((days) => snapshotIdOf(new Date(Date.now() - days * 86_400_000)));
    await take(before, ids[0]!, new LocalTransport(path));
    await addCommit(path);
    await take(before, ids[1]!, new LocalTransport(path));
    if (kind === 'incremental') await addCommit(path);
    const transport = new RecordedTransport(new LocalTransport(path));
    const added = before.copy();
    await take(added, ids[2]!, transport, true);
    for (const key of before.objects.keys()) added.objects.delete(key);
    return { before, added, transport, inRun };
  }

  type Turn = ['backup' | 'prune', number];

  interface Played {
    vault: MemoryVault;
    steps: { backup: number; prune: number };
  }

  /** Lets both do so many steps in turn; what is left of them then never happens, unless the last turn is endless. */
  async function play({ before, added, transport, inRun }: Scene, turns: Turn[]): Promise<Played> {
    const vault = before.copy();
    const tasks = { backup: new SteppedTask(vault), prune: new SteppedTask(vault) };
    const snapshot = snapshotIdOf(new Date());
    const works = {
      backup: async (through: Vault) => {
        const inventory = { source: 'git', listed: [{ item }], warnings: [] };
        if (inRun)
          await through.create(`${runPrefix('git', snapshot)}inventory.json`, Buffer.from(JSON.stringify(inventory)));
        const options = { ...defaultBackupOptions, heaviestChain: 100, retry: once };
        await backUpRepository({ item, transport, vault: through, snapshot, announced: inRun, options });
        if (inRun) await through.create(`${runPrefix('git', snapshot)}report.json`, Buffer.from('{}'));
      },
      prune: (through: Vault) => {
        for (const [key, held] of added.objects) vault.objects.set(key, held);
        return applyRetention(through, { source: 'git', policy, now: new Date(), dryRun: false });
      },
    };
    const started = new Set<string>();
    for (const [who, steps] of turns) {
      if (!started.has(who)) tasks[who].start(works[who]);
      started.add(who);
      await tasks[who].advance(steps);
    }
    return { vault, steps: { backup: tasks.backup.steps.length, prune: tasks.prune.steps.length } };
  }

  async function expectSound(vault: MemoryVault, turns: Turn[]): Promise<number> {
    const catalogue = new Catalogue(vault);
    let whole = 0;
    for (const { snapshots } of await allOf(catalogue.items('git')))
      for (const entry of snapshots.filter(({ hasManifest }) => hasManifest)) {
        whole++;
        const { problems } = await verifySnapshot(vault, catalogue, entry);
        if (problems.length > 0)
          throw new HoldfastError('Damaged', `after ${JSON.stringify(turns)}: ${entry.snapshot}: ${problems.join()}`);
      }
    return whole;
  }

  const endless = 1e9;

  for (const [title, kind, inRun] of [
    ['an unchanged snapshot', 'unchanged', false],
    ['an unchanged snapshot of a run', 'unchanged', true],
    ['an incremental snapshot', 'incremental', false],
  ] as const)
    it(`leaves whole snapshots only, in whichever order their steps come and wherever one dies: ${title}`, async () => {
      const set = await scene(kind, inRun);
      const { steps } = await play(set, [
        ['backup', endless],
        ['prune', endless],
      ]);
      const seen = new Set<number>();
      const tried = async (...turns: Turn[]): Promise<void> => {
        const { vault } = await play(set, turns);
        seen.add(await expectSound(vault, turns));
      };
      for (const [one, other] of [
        ['backup', 'prune'],
        ['prune', 'backup'],
      ] as const)
        for (let first = 0; first <= steps[one] + 3; first++)
          for (let second = 0; second <= steps[other] + 3; second++) {
            await tried([one, first], [other, second]);
            await tried([one, first], [other, second], [one, endless]);
            await tried([one, first], [other, second], [one, endless], [other, endless]);
            if (one === 'backup' && kind === 'unchanged')
              for (const third of [1, 2, 3])
                await tried([one, first], [other, second], [one, third], [other, endless], [one, endless]);
          }
      // At times the removal comes first, at times the backup, and at times both give way.
      expect([...seen].sort()).to.include.members([1, 2, 4]);
    });

  it('leaves nothing behind that the next prune does not remove', async () => {
    const set = await scene('incremental');
    const { steps } = await play(set, [
      ['backup', endless],
      ['prune', endless],
    ]);
    for (let first = 0; first <= steps.backup; first++)
      for (let second = 0; second <= steps.prune; second++) {
        const { vault } = await play(set, [
          ['backup', first],
          ['prune', second],
        ]);
        const later = new Date(Date.now() + 30 * 86_400_000);
        vault.now = () => later;
        await applyRetention(vault, { source: 'git', policy, now: later, dryRun: false, deadAfterMs: 0 });
        for (const { key } of await findLeftovers(vault, sources, later)) await vault.remove(key);
        const left = [...vault.objects.keys()].filter((key) => !/^(?:index|removed)\//.test(key));
        expect(left.filter((key) => !/\/(?:manifest\.json|[0-9a-f]{8}-repository\.bundle)$/.test(key))).to.deep.equal(
          [],
        );
        await expectSound(vault, [
          ['backup', first],
          ['prune', second],
        ]);
      }
  });
});
