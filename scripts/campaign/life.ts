import { backUpRepository } from '#core/repositories/backup/backup-repository.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { drillSnapshot } from '#core/run/drill.ts';
import { runBackup } from '#core/run/run.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { ListedSource } from '#core/sources/source.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { recordCheck } from '#core/vault/checks.ts';
import { isOfRun, snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { sources } from '#core/sources/table.ts';
import { findLeftovers } from '#core/vault/leftovers.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { RetentionPolicy } from '#core/vault/retention-policy.ts';
import { applyRetention } from '#core/vault/retention.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { MemoryVault } from '../../test/support/memory-vault.ts';
import { SteppedTask } from '../../test/support/step-vault.ts';
import type { Chance } from './chance.ts';
import type { Counts } from './counts.ts';
import type { History } from './history.ts';
import { HurtTransport } from './hurt-transport.ts';
import { HurtVault } from './hurt-vault.ts';
import type { Judge } from './judge.ts';

/** The moments of a repository's history between the beginning and the end of a backup. */
interface Window {
  from: number;
  until: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const item: ManifestItem = { source: 'git', id: 'app', path: ['campaign', 'app'], name: 'app' };
const quick = { attempts: 3, firstWaitMs: 0, longestWaitMs: 0 };

/** How many turns a life has, and how many tasks are at work at once in each. */
const turns = 6;
const tasksAtOnce = 4;

/** Of the operations of a store, and of the answers of a server, so many go wrong; in each life as many all along. */
const faultRates = [0.02, 0.1, 0.3] as const;

/**
 * One vault from its beginning to its end: in each turn backups, prunes, verifications and drills are at work at once,
 * step by step in a random order, while the repository moves on, the store and the server fail, clocks are wrong, and
 * some of the tasks die.
 */
export class Life {
  readonly #vault = new MemoryVault();
  readonly #history: History;
  readonly #chance: Chance;
  readonly #counts: Counts;
  readonly #judge: Judge;
  /** When the backups were at work that can have made a snapshot, by the ids of their runs. */
  readonly #windows: { run: string; window: Window }[] = [];
  readonly #faultRate: number;
  /** Storage's time, in milliseconds. */
  #time = Date.now() - 60 * dayMs;

  constructor(history: History, chance: Chance, counts: Counts, judge: Judge) {
    this.#history = history;
    this.#chance = chance;
    this.#counts = counts;
    this.#judge = judge;
    this.#faultRate = chance.among(faultRates);
    this.#vault.now = () => new Date((this.#time += 1));
  }

  async run(): Promise<void> {
    this.#counts.lives++;
    for (let turn = 0; turn < turns; turn++) {
      await this.#turn();
      await this.#judged();
      this.#time += this.#chance.below(3 * dayMs);
      if (this.#chance.happens(0.7)) this.#history.moveOn();
    }
    await this.#end();
  }

  async #turn(): Promise<void> {
    const tasks: { stepped: SteppedTask; lives: number }[] = [];
    const works = Array.from({ length: tasksAtOnce }, (_, index) =>
      index === 0 ? this.#backup() : this.#chance.among([this.#backup(), this.#backup(), this.#prune(), this.#check()]),
    );
    for (const work of works) {
      const stepped = new SteppedTask(this.#vault);
      const lives = this.#chance.happens(0.2) ? this.#chance.below(40) : Infinity;
      stepped.start((vault) => work(new HurtVault(vault, this.#chance, this.#counts, this.#faultRate)));
      tasks.push({ stepped, lives });
    }
    let alive = tasks;
    while (alive.length > 0) {
      const [first, ...others] = alive;
      if (!first) break;
      const task = this.#chance.among([first, ...others]);
      await task.stepped.advance(1);
      task.lives--;
      if (task.lives <= 0 && !task.stepped.done) this.#counts.kills++;
      alive = alive.filter(({ stepped, lives }) => lives > 0 && !stepped.done);
    }
  }

  #backup(): (vault: Vault) => Promise<void> {
    return async (vault) => {
      this.#counts.trials++;
      const transport = new HurtTransport(this.#history, this.#chance, this.#counts, this.#faultRate);
      const window: Window = { from: this.#history.now, until: Infinity };
      const options = {
        ...defaultBackupOptions,
        full: this.#chance.happens(0.15),
        heaviestChain: 100,
        longestChain: 4,
        retry: quick,
      };
      const snapshot = snapshotIdOf(new Date(this.#time + this.#clockError()));
      this.#windows.push({ run: snapshot, window });
      try {
        if (this.#chance.happens(0.5)) {
          const source: ListedSource = {
            source: 'git',
            inventory: () => Promise.resolve({ source: 'git', listed: [{ item }], warnings: [] }),
            feeds: { repositories: { open: () => transport } },
            close: () => undefined,
          };
          const report = await runBackup({
            source,
            vault,
            options,
            run: snapshot,
            concurrency: 1,
            largestShrinkage: 1,
          });
          if (report.result === 'complete') this.#expectThere(report.items[0], 'reported as complete');
        } else {
          this.#expectThere(await backUpRepository({ item, transport, vault, snapshot, options }), 'stored');
        }
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error;
      } finally {
        window.until = this.#history.now;
      }
    };
  }

  /** A snapshot that is said to be stored was there, unless a removal of right now took it away on the record. */
  #expectThere(outcome: object | undefined, said: string): void {
    if (!outcome || !('prefix' in outcome) || !('snapshot' in outcome)) return;
    const key = `${String(outcome.prefix)}${String(outcome.snapshot)}`;
    if (this.#vault.objects.has(`${key}/manifest.json`)) return;
    const records = [...this.#vault.objects].filter(([name]) => name.startsWith('removed/'));
    if (!records.some(([, { content }]) => content.includes(String(outcome.snapshot))))
      this.#counts.failures.push(`${key} was ${said} and is not there`);
  }

  #prune(): (vault: Vault) => Promise<void> {
    return async (vault) => {
      this.#counts.prunes++;
      const policy: RetentionPolicy = {
        keepLast: 1 + this.#chance.below(3),
        days: 0,
        daily: this.#chance.below(3),
        weekly: 0,
        monthly: 0,
        yearly: 0,
        keepVerified: this.#chance.below(2),
      };
      const now = new Date(this.#time + this.#clockError());
      try {
        await applyRetention(vault, { source: 'git', policy, now, dryRun: false });
        const weekAgo = new Date(this.#time - 7 * dayMs);
        for (const { key } of await findLeftovers(vault, sources, weekAgo)) await vault.remove(key);
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error;
      }
    };
  }

  #check(): (vault: Vault) => Promise<void> {
    return async (vault) => {
      const drills = this.#chance.happens(0.1);
      const catalogue = new Catalogue(vault);
      try {
        for await (const { snapshots } of catalogue.items('git'))
          for (const entry of snapshots.filter(({ hasManifest }) => hasManifest).slice(-2)) {
            if (drills) {
              this.#counts.drills++;
              const options = { indexer: 'javascript' } as const;
              await recordCheck(
                vault,
                await drillSnapshot(vault, catalogue, entry.item, entry.snapshot, options),
                'drill',
              );
            } else {
              this.#counts.verifies++;
              await recordCheck(vault, await verifySnapshot(vault, catalogue, entry), 'verify');
            }
          }
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error;
      }
    };
  }

  /** Nearly always right, at times by hours, and seldom by days wrong. */
  #clockError(): number {
    if (this.#chance.happens(0.85)) return 0;
    this.#counts.faults++;
    return (this.#chance.next() - 0.5) * (this.#chance.happens(0.8) ? 20 * hourMs : 20 * dayMs);
  }

  async #judged(): Promise<void> {
    const content = new Map([...this.#vault.objects].map(([key, { content }]) => [key, content]));
    for (const { key, manifest, refs, restored, reason } of await this.#judge.judge(content)) {
      this.#counts.judged++;
      if (manifest.git?.refsSince) this.#counts.changesOnly++;
      const made = this.#windows.filter(({ run }) => isOfRun(manifest.snapshot, run));
      if (!restored) this.#counts.failures.push(`${key} does not restore: ${reason}`);
      else if (!same(restored, refs)) this.#counts.failures.push(`${key} restores to other refs than it says`);
      else if (!made.some(({ window }) => this.#held(window, refs)))
        this.#counts.failures.push(`${key} has refs that the server never had while it was made`);
    }
  }

  #held({ from, until }: Window, refs: ReadonlyMap<string, string>): boolean {
    const last = Math.min(until, this.#history.now);
    for (let moment = from; moment <= last; moment++) if (same(this.#history.refsAt(moment), refs)) return true;
    return false;
  }

  /** A month later the vault is pruned once without disturbance: what then is left belongs to a snapshot. */
  async #end(): Promise<void> {
    this.#time = Date.now() + 30 * dayMs;
    const now = new Date(this.#time);
    const policy = { keepLast: 3, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };
    await applyRetention(this.#vault, { source: 'git', policy, now, dryRun: false, deadAfterMs: 0 });
    for (const { key } of await findLeftovers(this.#vault, sources, new Date(this.#time + dayMs)))
      await this.#vault.remove(key);
    await this.#judged();
    const named = new Set<string>();
    for (const [key, { content }] of this.#vault.objects)
      if (key.startsWith('git/') && key.endsWith('/manifest.json'))
        for (const [, data = ''] of content.toString().matchAll(/"key": "([^"]+)"/g)) named.add(data);
    for (const key of this.#vault.objects.keys()) {
      const snapshot = key.replace(/^checks\//, '').replace(/[^/]*$/, '');
      const belongs =
        /^(?:(?:index|runs|removed)\/|RESTORE\.md$|holdfast-vault\.json$)/.test(key) ||
        key.endsWith('/manifest.json') ||
        named.has(key) ||
        (key.startsWith('checks/') && this.#vault.objects.has(`${snapshot}manifest.json`));
      if (!belongs) this.#counts.failures.push(`${key} is left over`);
    }
  }
}

function same(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([name, oid]) => other.get(name) === oid);
}
