import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { LocalTransport } from '#core/git/local-transport.ts';
import { backUpRepository } from '#core/repositories/backup/backup-repository.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { applyRetention } from '#core/vault/retention.ts';
import { itemNamed, once } from '../../../support/backups.ts';
import { MemoryVault } from '../../../support/memory-vault.ts';
import {
  addCommit,
  createRepository,
  git,
  manyRefs,
  refsOf,
  useTemporaryFolders,
} from '../../../support/repositories.ts';
import { allOf, failureOf } from '../../../support/streams.ts';

const dayMs = 86_400_000;

/** What a day brings. */
type Step = 'nothing' | 'commit' | 'gone' | 'new' | 'full';

/** Unchanged snapshots leave what they hold to their parent, and long lists of refs are given as what has changed. */
describe('retention of snapshots that leave something to earlier manifests', () => {
  const folder = useTemporaryFolders();

  /** @returns what each snapshot has to give */
  async function take(vault: MemoryVault, path: string, days: readonly Step[]): Promise<Map<string, object>> {
    const truth = new Map<string, object>();
    for (const [day, step] of days.entries()) {
      const name = `refs/heads/many/${String(day + 1).padStart(7, '0')}`;
      if (step === 'commit') await addCommit(path);
      if (step === 'gone') await git(path, 'update-ref', '-d', name);
      if (step === 'new') await git(path, 'update-ref', `refs/tags/${day}`, 'HEAD');
      const snapshot = snapshotIdOf(new Date(Date.now() - (days.length - day) * dayMs));
      const options = { ...defaultBackupOptions, full: step === 'full', heaviestChain: 1e6, retry: once };
      await backUpRepository({ item: itemNamed('app'), transport: new LocalTransport(path), vault, snapshot, options });
      truth.set(snapshot, Object.fromEntries((await refsOf(path)).refs));
    }
    return truth;
  }

  it('keeps all that the kept ones need, under any rules', async () => {
    const days: Step[] = [
      'full',
      'commit',
      'nothing',
      'gone',
      'nothing',
      'new',
      'gone',
      'full',
      'nothing',
      'gone',
      'commit',
    ];
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 2 });
    await manyRefs(path, 1_500);
    const whole = new MemoryVault();
    const truth = await take(whole, path, days);
    const manifests = [...whole.objects].filter(([key]) => key.endsWith('/manifest.json'));
    const short = manifests.filter(([, { content }]) => /"format": 2/.test(content.toString()));
    expect(short.length).to.equal(days.filter((step) => step !== 'full').length);
    const small = fc.nat(3);
    const rules = fc.record({
      keepLast: fc.integer({ min: 1, max: 3 }),
      days: fc.nat(days.length),
      daily: small,
      weekly: small,
      monthly: fc.constant(0),
      yearly: fc.constant(0),
      keepVerified: fc.constant(0),
    });
    await fc.assert(
      fc.asyncProperty(rules, fc.nat(days.length), async (policy, later) => {
        const vault = whole.copy();
        const now = new Date(Date.now() + later * dayMs);
        await applyRetention(vault, { source: 'git', policy, now, dryRun: false, deadAfterMs: 0 });
        const catalogue = new Catalogue(vault);
        for (const entry of (await allOf(catalogue.items('git'))).flatMap(({ snapshots }) => snapshots)) {
          expect(entry.hasManifest).to.equal(true);
          expect((await verifySnapshot(vault, catalogue, entry)).problems).to.deep.equal([]);
          const { content } = await catalogue.snapshot(entry.item, entry.snapshot);
          expect(content.git?.refs).to.deep.equal(truth.get(entry.snapshot));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('has nothing under way any more once it has failed', async () => {
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 1 });
    const vault = new MemoryVault();
    for (const name of ['a', 'b', 'c'])
      for (const days of [2, 1]) {
        const snapshot = snapshotIdOf(new Date(Date.now() - days * dayMs));
        const options = { ...defaultBackupOptions, full: true, retry: once };
        await backUpRepository({
          item: itemNamed(name),
          transport: new LocalTransport(path),
          vault,
          snapshot,
          options,
        });
      }
    const remove = vault.remove.bind(vault);
    let underWay = 0;
    vault.remove = async (key) => {
      underWay++;
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      if (key.includes('/a/')) throw new HoldfastError('StorageFailed', 'no answer');
      await remove(key);
    };
    const policy = { keepLast: 1, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };
    const request = {
      source: 'git' as const,
      policy,
      now: new Date(Date.now() + dayMs),
      dryRun: false,
      deadAfterMs: 0,
    };
    expect((await failureOf(applyRetention(vault, request))).message).to.equal('no answer');
    expect(underWay).to.equal(0);
  });
});
