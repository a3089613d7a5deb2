import type { DigestList } from './digest-list.ts';
import { openLanes } from './lanes.ts';
import { joinList, printableName, splitList } from './names.ts';
import type { Spool } from './spool.ts';
import type { Threads } from './threads.ts';

/** So many files a sample has, chosen by chance from all. */
const sampleFiles = 1000;

/** A thread compares so many files at once. */
const batchFiles = 50;

export interface Comparison {
  compared: number;
  different: number;
  /** The first of those that differ. */
  names: string[];
}

/**
 * Compares files of two trees by their SHA-256, a sample of them or all. Of files on the left whose digests are known
 * these count, and not what stands there now.
 */
export async function compareFiles({
  left,
  right,
  paths,
  which,
  digests,
  threads,
}: {
  left: string;
  right: string;
  paths: Spool;
  which: 'sample' | 'all';
  /** Digests of the left tree, or of the one that it is the folder `below` of. */
  digests?: { list: DigestList; below: string } | undefined;
  threads: Threads;
}): Promise<Comparison> {
  const result: Comparison = { compared: 0, different: 0, names: [] };
  const compare = async (batch: Uint8Array): Promise<void> => {
    const { compared, different } = await threads.run<'compare'>({
      kind: 'compare',
      left,
      right,
      paths: batch,
      known: digests?.list.of(splitList(batch), digests.below) ?? new Uint8Array(),
    });
    result.compared += compared;
    for (const path of splitList(different)) {
      result.different++;
      if (result.names.length < 10) result.names.push(printableName(path));
    }
  };
  const lanes = openLanes(threads.size, () => undefined);
  for await (const batch of which === 'all' ? batchesOf(paths) : sampleOf(paths)) await lanes.add(() => compare(batch));
  await lanes.end();
  return result;
}

async function* batchesOf(paths: Spool): AsyncGenerator<Uint8Array> {
  for await (const list of paths.read()) yield* batches([...splitList(list)]);
}

/** Algorithm R: each file has the same chance, however many there are. */
async function* sampleOf(paths: Spool): AsyncGenerator<Uint8Array> {
  const sample: Buffer[] = [];
  let seen = 0;
  for await (const list of paths.read())
    for (const path of splitList(list)) {
      seen++;
      const at = sample.length < sampleFiles ? sample.length : Math.floor(Math.random() * seen);
      if (at < sampleFiles) sample[at] = Buffer.from(path);
    }
  yield* batches(sample);
}

function* batches(paths: readonly Buffer[]): Generator<Uint8Array> {
  for (let at = 0; at < paths.length; at += batchFiles) yield joinList(paths.slice(at, at + batchFiles));
}
