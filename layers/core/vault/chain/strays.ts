import pMap from 'p-map';
import { hasCode } from '#core/runtime/errors.ts';
import { Catalogue } from '../catalogue.ts';
import { manifestKey, parseClaimKey, parseSnapshotKey } from '../layout.ts';
import type { SnapshotId } from '../snapshot-id.ts';
import type { ListedObject, Vault } from '../storage/vault.ts';
import { isPin } from '../under-way.ts';
import { readsAtOnce, type ChainList, type ChainProblem } from './read-chain.ts';
import type { Ways } from './ways.ts';

/** An object below the prefix of a snapshot. */
interface Beside extends ListedObject {
  item: string;
  snapshot: SnapshotId;
}

/** Where events make snapshots, an attempt may still store what another has committed: as long as a function lasts. */
const lastAttemptMs = 15 * 60_000;

/**
 * Objects beside snapshots that no backup has put there. What a backup that was killed left behind is not among them: it
 * came before the list of its run. Takes the objects below a source's prefix in the order of their keys.
 */
export class Strays {
  readonly #unknown: string[] = [];
  readonly #late: Beside[] = [];
  #folder = '';
  #objects: Beside[] = [];
  #committed: number | undefined;

  take(object: ListedObject): void {
    const { item, snapshot, name } = parseSnapshotKey(object.key) ?? {};
    if (item === undefined || snapshot === undefined) {
      if (!parseClaimKey(object.key)) this.#unknown.push(object.key);
      return;
    }
    const folder = manifestKey(item, snapshot);
    if (folder !== this.#folder) this.#leave(folder);
    if (name === 'manifest.json') this.#committed = object.modified.getTime();
    else this.#objects.push({ ...object, item, snapshot });
  }

  async find(vault: Vault, { byEvents }: Ways, lists: readonly ChainList[]): Promise<ChainProblem[]> {
    this.#leave('');
    const catalogue = new Catalogue(vault);
    const grace = byEvents ? lastAttemptMs : 0;
    const found = this.#unknown.map((key): ChainProblem => {
      return { what: 'added', key, why: 'no object of a vault has such a name' };
    });
    await pMap(
      this.#late,
      async (late) => {
        const { key, modified, item, snapshot } = late;
        const list = lists.find(({ digests }) => digests.has(manifestKey(item, snapshot)));
        if (!list || modified.getTime() <= list.modified.getTime() + grace) return;
        const named = await dataOf(catalogue, late);
        if (named && !named.has(key))
          found.push({ what: 'added', key, why: `it came after ${list.key}, and its snapshot does not name it` });
      },
      { concurrency: readsAtOnce },
    );
    return found;
  }

  /** Data comes before the manifest, so what came later is looked at. */
  #leave(next: string): void {
    const committed = this.#committed;
    if (committed !== undefined)
      for (const object of this.#objects)
        if (object.modified.getTime() > committed && !isPin(object.key) && !isOldVerdict(object.key))
          this.#late.push(object);
    this.#folder = next;
    this.#objects = [];
    this.#committed = undefined;
  }
}

/** Until version 0.2 of the program verdicts lay beside the manifest. */
function isOldVerdict(key: string): boolean {
  return /\/check-[^/]*-(intact|damaged)\.json$/.test(key);
}

/** Undefined where the manifest cannot be read, which others name. */
async function dataOf(catalogue: Catalogue, { item, snapshot }: Beside): Promise<ReadonlySet<string> | undefined> {
  try {
    return new Set((await catalogue.manifest(item, snapshot)).manifest.data.map(({ key }) => key));
  } catch (error) {
    if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
    return undefined;
  }
}
