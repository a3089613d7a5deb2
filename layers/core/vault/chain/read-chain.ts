import { createHash } from 'node:crypto';
import pMap from 'p-map';
import * as v from 'valibot';
import { hasCode, messageOf } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { manifestKey, removedPrefix, type Source } from '../layout.ts';
import { isSnapshotId, type SnapshotId } from '../snapshot-id.ts';
import type { ListedObject, Vault } from '../storage/vault.ts';
import { digestOver, parseDigestList } from './digest-list.ts';

/**
 * The chain of a source: each run leaves a list of the digests of all that has come since the lists before it, these
 * lists and reports among it; its own report has the digest of its list. So the digest of the newest report stands for
 * everything that the source ever stored: docs/vault-format.md.
 */
export interface Chain {
  /** Each after those that it names. */
  lists: ChainList[];
  /** All that ought to be there, as the lists have it: the digests by key. What was removed on the record is left out. */
  files: Map<string, string>;
  /** What does not agree within the lists themselves. */
  problems: ChainProblem[];
}

export interface ChainList {
  key: string;
  run: SnapshotId;
  /** Of the list itself. */
  sha256: string;
  modified: Date;
  digests: Map<string, string>;
}

/** In what way something can disagree with the chain. */
export const chainProblems = ['missing', 'changed', 'added', 'rolled-back'] as const;

/** What does not agree with the chain. */
export interface ChainProblem {
  what: (typeof chainProblems)[number];
  key: string;
  why: string;
}

/** A list names at most what one run and the time before it stored. A million snapshots take 150 MB. */
const largestList = 512 << 20;

/** What is read at once: a bucket answers many requests as fast as one. */
export const readsAtOnce = 32;

const removedSchema = v.object({
  snapshots: v.array(
    v.object({ item: v.string(), snapshot: v.pipe(v.string(), v.check(isSnapshotId, 'must be a snapshot id')) }),
  ),
});

export const chainFile = 'chain.sha256';

/** Where a run leaves its list. */
export function chainKey(source: Source, run: SnapshotId): string {
  return `runs/${source}/${run}/${chainFile}`;
}

/** Reads all lists of a source, and the records of removals that they name. Reads no snapshot. */
export async function readChain(vault: Vault, source: Source): Promise<Chain> {
  const problems: ChainProblem[] = [];
  const lists = inOrder(await readLists(vault, source, problems));
  const files = new Map<string, string>();
  for (const list of lists) await join(vault, source, { files, problems }, list);
  return { lists, files, problems };
}

/** Takes what a list has into what ought to be there: what came first, and then what was removed. */
export async function join(
  vault: Vault,
  source: Source,
  { files, problems }: Pick<Chain, 'files' | 'problems'>,
  { key, digests }: ChainList,
): Promise<void> {
  for (const [name, digest] of digests) {
    const known = files.get(name);
    if (known !== undefined && known !== digest)
      problems.push({ what: 'changed', key: name, why: `${key} has another digest of it than an earlier list` });
    files.set(name, digest);
  }
  for (const [name, digest] of digests)
    if (name.startsWith(removedPrefix(source)))
      for (const gone of (await removedBy(vault, name, digest)) ?? []) files.delete(gone);
}

/** The digest over all manifests that ought to be there, and how many they are. */
export function manifestsOf(files: ReadonlyMap<string, string>): { snapshots: number; sha256: string } {
  const manifests = new Map([...files].filter(([key]) => key.endsWith('/manifest.json')));
  return { snapshots: manifests.size, sha256: digestOver(manifests) };
}

/**
 * The keys of the manifests that a record of a removal names. Undefined where it is damaged, gone, or not the one that
 * was listed: then nothing is known from it.
 * @param digest that it ought to have; undefined where no list has it yet
 */
export async function removedBy(vault: Vault, key: string, digest: string | undefined): Promise<string[] | undefined> {
  try {
    const bytes = await readWhole(vault.read(key), largestList, key);
    if (digest !== undefined && sha256(bytes) !== digest) return undefined;
    const { snapshots } = parseJson(removedSchema, bytes.toString('utf8'), key, 'Damaged');
    return snapshots.map(({ item, snapshot }) => manifestKey(item, snapshot));
  } catch (error) {
    if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
    return undefined;
  }
}

async function readLists(vault: Vault, source: Source, problems: ChainProblem[]): Promise<ChainList[]> {
  const found: ListedObject[] = [];
  for await (const object of vault.list(`runs/${source}/`))
    if (object.key.endsWith(`/${chainFile}`)) found.push(object);
  const lists = await pMap(
    found,
    async (object): Promise<ChainList | undefined> => {
      try {
        return await readList(vault, object);
      } catch (error) {
        if (!hasCode(error, 'Damaged', 'NotFound')) throw error;
        problems.push({ what: 'changed', key: object.key, why: messageOf(error) });
        return undefined;
      }
    },
    { concurrency: readsAtOnce },
  );
  return lists.filter((list) => list !== undefined);
}

/** @throws {HoldfastError} Damaged, NotFound */
export async function readList(
  vault: Vault,
  { key, modified }: Pick<ListedObject, 'key' | 'modified'>,
): Promise<ChainList> {
  const bytes = await readWhole(vault.read(key), largestList, key);
  const run = key.split('/')[2] ?? '';
  return { key, run, modified, sha256: sha256(bytes), digests: parseDigestList(bytes.toString('utf8'), key) };
}

/** Puts each list after those that it names; of those that do not name each other, the earlier run first. */
function inOrder(lists: ChainList[]): ChainList[] {
  const waiting = lists.toSorted((a, b) => (a.run < b.run ? -1 : 1));
  const known = new Set(waiting.map(({ key }) => key));
  const placed = new Set<string>();
  const ordered: ChainList[] = [];
  while (waiting.length > 0) {
    const at = waiting.findIndex(({ digests, key }) =>
      [...digests.keys()].every((name) => name === key || !known.has(name) || placed.has(name)),
    );
    // Only forged lists could name each other in a circle.
    const [next] = waiting.splice(Math.max(at, 0), 1);
    if (!next) break;
    placed.add(next.key);
    ordered.push(next);
  }
  return ordered;
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
