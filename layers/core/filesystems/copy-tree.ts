import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import { addCounts, noCounts } from './counts.ts';
import type { DigestList, DigestWriter } from './digest-list.ts';
import { openLanes, type Lanes } from './lanes.ts';
import { joinList, printableName, splitList } from './names.ts';
import { everything, listed, runRsync, type RsyncResult } from './rsync.ts';
import { openSpool, type Spool } from './spool.ts';
import type { Candidate, Counts, LinkAnswer, Turn } from './thread-jobs.ts';
import type { Threads } from './threads.ts';
import { workThrough } from './work-through.ts';

export interface CopyOptions {
  from: string;
  /** Made where it is absent. */
  to: string;
  /** Trees that may hold files of the source as they are; those files are linked instead of copied. */
  candidates: readonly Candidate[];
  /** Whether no file of several names is linked to a candidate, because the target allows fewer names. */
  freshHardLinks?: boolean;
  threads: Threads;
  /** How many rsync run at once. */
  workers: number;
  signal: AbortSignal;
  /** Options for rsync, in addition to those that it always gets. */
  rsyncOptions?: readonly string[];
  /** Called with what is done so far, now and then. */
  onProgress?: ((done: Counts) => void) | undefined;
  /** Where the digests of all files are to be kept. */
  digests?:
    | {
        writer: DigestWriter;
        /** Those of the candidate that is `listed`. */
        known: DigestList | undefined;
        turn: Turn;
      }
    | undefined;
  /** Told of paths that rsync has seen to. */
  onCopied?: (paths: Uint8Array) => void;
}

export interface CopyOutcome {
  /** What the copy holds now. */
  counts: Counts;
  /** Regular files that the source held. */
  sourceFiles: number;
  filesTransferred: number;
  bytesTransferred: number;
  vanished: NameList;
  /** Fifos, sockets and devices that the target cannot hold. */
  omitted: NameList;
  /** Unchanged files that were compared by content, and those of them that were copied again as a result. */
  compared: number;
  damaged: NameList;
  changed: NameList;
}

/** Names for people, of which only the first are kept. */
export interface NameList {
  count: number;
  names: string[];
}

/** More than anybody reads, and little enough for a manifest. */
const keptNames = 1000;

/** A worker takes so many entries or bytes at once: enough to be worth a process, little enough to share out. */
const batchEntries = 1000;
const batchBytes = 256 << 20;

/**
 * Copies a tree. Threads walk it, make the folders and link what is unchanged; everything else goes to rsync in
 * batches. Files with several hard links are shared out by their inode, so that all names of one meet in the same
 * rsync. Folders get their attributes last, when nothing changes their times any more.
 * @throws {HoldfastError} CopyFailed, StorageFailed, Interrupted
 */
export async function copyTree(options: CopyOptions): Promise<CopyOutcome> {
  return withScratchFolder('efs', async (scratch) => {
    const stop = new AbortController();
    const signal = AbortSignal.any([options.signal, stop.signal]);
    // Each worker listens.
    setMaxListeners(options.workers + 10, signal);
    const lanes = openLanes(options.workers, () =>
      stop.abort(new HoldfastError('Interrupted', 'another part of the copy failed')),
    );
    const spools = {
      folders: openSpool(path.join(scratch, 'folders')),
      specials: openSpool(path.join(scratch, 'specials')),
      hardLinks: Array.from({ length: options.workers }, (_, at) => openSpool(path.join(scratch, `links-${at}`))),
    };
    const copy = startCopy({ ...options, signal }, lanes);
    try {
      await walk(options, spools, copy);
      await lanes.end();
      for (const spool of spools.hardLinks)
        if (spool.used && options.freshHardLinks === true)
          await copy.add(() => hardLinksOf(spool, new Set(), false), { hardLinks: true, fresh: true });
        else if (spool.used)
          for (const fresh of [false, true])
            await copy.add(() => hardLinksOf(spool, copy.fresh, fresh), { hardLinks: true, fresh });
      if (spools.specials.used) await copy.add(() => spools.specials.read(), { omittable: true });
      await lanes.end();
      for await (const list of spools.folders.read()) await copy.addFolders(list);
      await lanes.end();
      return copy.outcome;
    } catch (error) {
      stop.abort(new HoldfastError('Interrupted', 'another part of the copy failed'));
      // This is what happened; the others only stop for it.
      await lanes.end().catch(() => undefined);
      throw error;
    } finally {
      for (const spool of [spools.folders, spools.specials, ...spools.hardLinks]) spool.close();
    }
  });
}

type Copy = ReturnType<typeof startCopy>;

interface Spools {
  folders: Spool;
  specials: Spool;
  hardLinks: readonly Spool[];
}

interface Folder {
  folder: Uint8Array;
  names?: Uint8Array;
  /** Digests of these names, as the tree before has them. */
  known?: Uint8Array | undefined;
}

async function walk(
  { from, to, candidates, threads, digests }: CopyOptions,
  spools: Spools,
  copy: Copy,
): Promise<void> {
  const fresh: Uint8Array[] = [];
  const batch = { lists: [] as Uint8Array[], entries: 0, bytes: 0 };
  const send = async (): Promise<void> => {
    const lists = batch.lists.splice(0);
    batch.entries = batch.bytes = 0;
    if (lists.length > 0) await copy.add(() => lists);
  };
  await workThrough<Folder>([{ folder: new Uint8Array() }], threads.size, async (item) => {
    const { folder, names } = item;
    const known = item.known ?? digests?.known?.ofFolder(folder) ?? new Uint8Array();
    const answer = await threads.run<'link'>({
      kind: 'link',
      from,
      to,
      candidates,
      folder,
      names,
      known,
      turn: digests?.turn,
    });
    if (names === undefined) spools.folders.add(joinList([folder]));
    copy.note(answer);
    spools.specials.add(answer.specials);
    shareOut(answer, spools.hardLinks, copy.fresh);
    if (answer.fresh.length > 0) fresh.push(answer.fresh);
    if (answer.copyEntries > 0) {
      batch.lists.push(answer.copy);
      batch.entries += answer.copyEntries;
      batch.bytes += answer.copyBytes;
      if (batch.entries >= batchEntries || batch.bytes >= batchBytes) await send();
    }
    for (const large of splitList(answer.large)) await copy.add(() => [joinList([large])]);
    return [
      ...answer.slices.map((slice) => ({
        folder,
        names: slice,
        known: digests?.known?.ofNames(folder, splitList(slice)),
      })),
      ...[...splitList(answer.folders)].map((path) => ({ folder: Uint8Array.from(path) })),
    ];
  });
  await send();
  if (fresh.length > 0) await copy.add(() => fresh, { fresh: true });
}

/** An inode's number in a spool stands before each of its names. */
const inodeDigits = 16;

/** @param fresh receives the inodes of which no name may be linked to the previous tree */
function shareOut(
  { hardLinks, inodes, freshHardLinks }: LinkAnswer,
  spools: readonly Spool[],
  fresh: Set<string>,
): void {
  let at = 0;
  for (const path of splitList(hardLinks)) {
    const inode = inodes[at] ?? 0n;
    const number = inode.toString(16).padStart(inodeDigits, '0');
    if (freshHardLinks[at++] === 1) fresh.add(number);
    spools[Number(inode % BigInt(spools.length))]?.add(joinList([Buffer.concat([Buffer.from(number), path])]));
  }
}

/** The names in a spool of the inodes that are copied again, or of all others. */
async function* hardLinksOf(spool: Spool, fresh: ReadonlySet<string>, wanted: boolean): AsyncGenerator<Buffer> {
  for await (const list of spool.read()) {
    const chosen = [...splitList(list)]
      .filter((entry) => fresh.has(entry.toString('latin1', 0, inodeDigits)) === wanted)
      .map((entry) => entry.subarray(inodeDigits));
    if (chosen.length > 0) yield joinList(chosen);
  }
}

/** Does the batches and keeps the books. */
function startCopy(options: CopyOptions, lanes: Lanes) {
  const { from, to, candidates, threads, signal, onProgress, onCopied, digests, rsyncOptions = [] } = options;
  const linkDest = candidates.map(({ tree }) => `--link-dest=${tree}`);
  const outcome: CopyOutcome = {
    counts: noCounts(),
    sourceFiles: 0,
    filesTransferred: 0,
    bytesTransferred: 0,
    vanished: { count: 0, names: [] },
    omitted: { count: 0, names: [] },
    compared: 0,
    damaged: { count: 0, names: [] },
    changed: { count: 0, names: [] },
  };
  const listedTree = candidates.find((candidate) => candidate.listed)?.tree;

  async function inspect(paths: Uint8Array, folders: boolean, omittable: boolean): Promise<void> {
    const { found, vanished, missing, ...seen } = await threads.run<'inspect'>({
      kind: 'inspect',
      from,
      to,
      paths,
      folders,
      digests:
        digests && !folders
          ? { tree: listedTree, known: digests.known?.of(splitList(paths)) ?? new Uint8Array() }
          : undefined,
    });
    digests?.writer.add(seen.digests);
    addCounts(outcome.counts, found);
    noteNames(outcome.vanished, vanished);
    if (omittable) noteNames(outcome.omitted, missing);
    else
      for (const path of splitList(missing))
        throw new HoldfastError('CopyFailed', `rsync left out ${printableName(path)} and did not say why`);
    onProgress?.(outcome.counts);
  }

  type Lists = () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

  async function transfer(lists: Lists, { hardLinks, omittable, fresh }: Manner): Promise<RsyncResult> {
    const run = (more: readonly string[]): Promise<RsyncResult> =>
      runRsync({
        options: [...everything, ...rsyncOptions, ...listed, ...more],
        from,
        to,
        lists: lists(),
        signal,
        accept: omittable === true ? [23] : [],
      });
    const options = [...(hardLinks === true ? ['-H'] : []), ...(fresh === true ? [] : linkDest)];
    try {
      return await run(options);
    } catch (error) {
      // What another machine replaced is looked up again; where the mount itself is gone, that fails, too.
      if (!isSaid(error, 'Stale file handle')) throw error;
      return run(options);
    }
  }

  return {
    outcome,
    /** The inodes of files with several names of which none may be linked to what a candidate has. */
    fresh: new Set<string>(),

    note({ linked, vanished, files, ...answer }: LinkAnswer): void {
      digests?.writer.add(answer.digests);
      outcome.compared += answer.compared;
      noteNames(outcome.damaged, answer.damaged);
      noteNames(outcome.changed, answer.changed);
      addCounts(outcome.counts, linked);
      noteNames(outcome.vanished, vanished);
      outcome.sourceFiles += files;
    },

    /** Copies paths of anything but folders. */
    add(lists: Lists, manner: Manner = {}): Promise<void> {
      return lanes.add(async () => {
        const { files, bytes } = await transfer(lists, manner);
        outcome.filesTransferred += files;
        outcome.bytesTransferred += bytes;
        for await (const list of lists()) {
          await inspect(list, false, manner.omittable === true);
          onCopied?.(list);
        }
      });
    },

    /** Gives folders that are there the attributes that they have in the source. */
    addFolders(list: Uint8Array): Promise<void> {
      return lanes.add(async () => {
        const paths = [...splitList(list)];
        const inner = paths.filter((path) => path.length > 0);
        if (inner.length < paths.length)
          // The root has no name that could be listed.
          await runRsync({ options: [...everything, '--dirs', '--exclude=/*'], from, to, signal });
        await runRsync({ options: [...everything, '--dirs', ...listed], from, to, lists: [joinList(inner)], signal });
        await inspect(list, true, false);
      });
    },
  };
}

/** How a batch is copied. */
interface Manner {
  /** Whether the names of one file are kept together. */
  hardLinks?: boolean;
  /** What the target cannot hold is left out. */
  omittable?: boolean;
  /** Nothing is linked to what a candidate has. */
  fresh?: boolean;
}

function isSaid(error: unknown, words: string): boolean {
  return hasCode(error, 'CopyFailed') && error instanceof HoldfastError && error.message.includes(words);
}

function noteNames(list: NameList, paths: Uint8Array): void {
  for (const path of splitList(paths)) {
    list.count++;
    if (list.names.length < keptNames) list.names.push(printableName(path));
  }
}
