import { randomUUID } from 'node:crypto';
import pMap from 'p-map';
import { hasCode } from '#core/runtime/errors.ts';
import type { Catalogue, Lineage, SnapshotEntry } from './catalogue.ts';
import { manifestKey, removedKey, removingKey, removingPrefix, snapshotPrefix, type Source } from './layout.ts';
import { snapshotIdOf, type SnapshotId } from './snapshot-id.ts';
import { isListed } from './is-listed.ts';
import { neededBy } from './manifest.ts';
import type { ListedObject, Vault } from './storage/vault.ts';
import { isPin, itemsUnderWay } from './under-way.ts';

interface Due {
  lineage: Lineage;
  doomed: SnapshotEntry[];
}

const concurrency = 8;

/** A pass of retention is a function's fifteen minutes, or a person's who waits for it. */
const longestPassMs = 86_400_000;

/**
 * Removes snapshots while backups may be at work on the same items, without a lock and without trust in clocks. Both
 * sides say what they are about to do before they look whether the other one has: the removal marks a snapshot, then
 * looks for backups; a backup announces itself, then looks for marks (`stillThere`). Whichever order their steps
 * come in, at least one of them sees the other, and gives way.
 */
export class Removal {
  readonly #vault: Vault;
  readonly #catalogue: Catalogue;
  readonly #source: Source;
  readonly #deadAfterMs: number;
  /** The marks of this pass; one that was there already is another's to take back. */
  readonly #marked = new Set<string>();

  /** @param deadAfterMs after which a backup that has not ended is dead, in milliseconds */
  constructor(vault: Vault, catalogue: Catalogue, source: Source, deadAfterMs: number) {
    this.#vault = vault;
    this.#catalogue = catalogue;
    this.#source = source;
    this.#deadAfterMs = deadAfterMs;
  }

  /** Marks the snapshots: from now on no backup builds on them. */
  async announce(doomed: readonly SnapshotEntry[]): Promise<void> {
    for (const { item, snapshot } of doomed) {
      const key = removingKey(item, snapshot);
      try {
        // No two marks are equal: storage that was asked twice takes an equal object for the one that it was to create.
        await this.#vault.create(key, Buffer.from(randomUUID()));
        this.#marked.add(key);
      } catch (error) {
        // Left by a pass that was killed, or of one that is at work beside this one.
        if (!hasCode(error, 'AlreadyExists')) throw error;
      }
    }
  }

  /**
   * The items whose snapshots must stay after all, each with the reason: a backup is under way that may have looked
   * before the marks were there, or something new builds on them. Their marks are taken back.
   */
  async stillNeeded<T extends Due>(due: readonly T[]): Promise<Map<T, string>> {
    const busy = new Map<T, string>();
    const since = new Date((await this.#oldestMark(due)).getTime() - this.#deadAfterMs);
    const running = await itemsUnderWay(this.#vault, this.#source, since);
    await pMap(
      due,
      async (one) => {
        const why = this.#runAtWork(one, running) ?? (await this.#newcomer(one, since));
        if (why === undefined) return;
        busy.set(one, why);
        await this.#takeBack(one.doomed);
      },
      { concurrency },
    );
    return busy;
  }

  /** Says what goes before it goes, so that nothing is ever missing without a word. */
  async record(doomed: readonly SnapshotEntry[]): Promise<void> {
    if (doomed.length === 0) return;
    const snapshots = doomed.map(({ item, snapshot }) => ({ item, snapshot }));
    for (let time = Date.now(); ; time++) {
      const pass: SnapshotId = snapshotIdOf(new Date(time));
      const record = { format: 1, time: new Date(time).toISOString(), snapshots };
      try {
        await this.#vault.create(removedKey(this.#source, pass), Buffer.from(`${JSON.stringify(record, null, 2)}\n`));
        return;
      } catch (error) {
        // Another pass began in the same millisecond.
        if (!hasCode(error, 'AlreadyExists')) throw error;
      }
    }
  }

  async remove({ item, snapshot, objects, checks }: SnapshotEntry): Promise<void> {
    await this.#vault.remove(manifestKey(item, snapshot));
    for (const { key } of [...objects, ...checks]) await this.#vault.remove(key);
    await this.#vault.remove(removingKey(item, snapshot));
  }

  /** Takes back what killed passes left and nothing needs any more, so that backups build on these snapshots again. */
  async clearMarks(now: Date): Promise<void> {
    for (const { key, modified } of await this.#marks())
      if (modified.getTime() < now.getTime() - longestPassMs) await this.#vault.remove(key);
  }

  /** Storage's own time of about now: clocks of machines may be wrong by more than any backup lasts. */
  async #oldestMark(due: readonly Due[]): Promise<Date> {
    const own = new Set(due.flatMap(({ doomed }) => doomed.map(({ item, snapshot }) => removingKey(item, snapshot))));
    const times = (await this.#marks()).filter(({ key }) => own.has(key)).map(({ modified }) => modified.getTime());
    return new Date(Math.min(...times, Date.now()));
  }

  async #marks(): Promise<ListedObject[]> {
    const marks: ListedObject[] = [];
    for await (const mark of this.#vault.list(removingPrefix(`${this.#source}/`))) marks.push(mark);
    return marks;
  }

  /** Pins of snapshots that were made since: who made them may not have been allowed to remove them. */
  async clearPins(snapshots: readonly SnapshotEntry[]): Promise<void> {
    for (const { hasManifest, objects } of snapshots)
      if (hasManifest) for (const { key } of objects) if (isPin(key)) await this.#vault.remove(key);
  }

  #runAtWork({ lineage }: Due, running: ReadonlyMap<string, string>): string | undefined {
    const run = lineage.paths.map((path) => running.get(path)).find((found) => found !== undefined);
    return run === undefined ? undefined : `the run ${run} is in progress, or was killed`;
  }

  async #newcomer({ lineage, doomed }: Due, since: Date): Promise<string | undefined> {
    const known = new Set(lineage.snapshots.map(({ item, snapshot }) => snapshotPrefix(item, snapshot)));
    const going = new Set(doomed.map(({ item, snapshot }) => snapshotPrefix(item, snapshot)));
    for (const path of lineage.paths) {
      for (const entry of (await this.#catalogue.item(path)).snapshots) {
        if (!entry.hasManifest) {
          const pin = entry.objects.find(({ key, modified }) => isPin(key) && modified >= since);
          if (pin) return `a backup is in progress, or was killed: ${pin.key}`;
        } else if (!known.has(snapshotPrefix(entry.item, entry.snapshot))) {
          if ((await this.#needsOf(entry)).some((key) => going.has(key))) return `${entry.snapshot} now builds on them`;
        }
      }
    }
    return undefined;
  }

  /** One that cannot be read cannot be restored either, whatever stays. */
  async #needsOf({ item, snapshot }: SnapshotEntry): Promise<string[]> {
    try {
      return neededBy((await this.#catalogue.manifest(item, snapshot)).manifest);
    } catch (error) {
      if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
      return [];
    }
  }

  async #takeBack(doomed: readonly SnapshotEntry[]): Promise<void> {
    for (const { item, snapshot } of doomed) {
      const key = removingKey(item, snapshot);
      if (this.#marked.delete(key)) await this.#vault.remove(key);
    }
  }
}

/**
 * Whether a snapshot is there, and stays: to be asked once the backup that is about to build on it has announced itself.
 * The mark is looked for first: it is the last that a removal takes away.
 */
export async function stillThere(
  vault: Vault,
  { item, snapshot }: { item: string; snapshot: SnapshotId },
): Promise<boolean> {
  if (await isListed(vault, removingKey(item, snapshot))) return false;
  return isListed(vault, manifestKey(item, snapshot));
}
