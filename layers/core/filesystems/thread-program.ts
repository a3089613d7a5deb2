import type * as Crypto from 'node:crypto';
import type * as Fs from 'node:fs';
import type { BigIntStats } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import type {
  CompareAnswer,
  CompareJob,
  CountAnswer,
  CountJob,
  Counts,
  InspectAnswer,
  InspectJob,
  Job,
  LinkAnswer,
  LinkJob,
  RemoveAnswer,
  RemoveFolderJob,
  RemoveJob,
  Reply,
  Turn,
} from './thread-jobs.ts';

/**
 * What a thread runs. Its text is handed over as it stands, so it may use nothing from outside itself but types: a
 * thread then starts in milliseconds, with a few megabytes, and the program stays one file.
 *
 * The calls are synchronous. Asked one by one through Node's pool, 200,000 files took 7.5 s, here 1.9 s; and where a
 * file system answers slowly, as one on the network does, it is the number of threads that hides it.
 */
export function threadProgram(fs: typeof Fs, crypto: typeof Crypto, port: MessagePort): void {
  /** A job takes so many entries of a folder; the rest of them is work for other threads. */
  const sliceEntries = 1000;
  /** From this size on, in bytes, a file is copied by its own worker. */
  const largeFile = 64n << 20n;
  const exact = { bigint: true } as const;
  const slash = Buffer.from('/');
  const zero = Buffer.from([0]);
  /** EFS allows a file so many names: https://docs.aws.amazon.com/efs/latest/ug/limits.html */
  const mostLinks = 177n;
  let calls = 0;

  port.on('message', (job: Job) => {
    const began = performance.now();
    calls = 1;
    const time = (): Pick<Reply, 'took' | 'calls'> => ({ took: performance.now() - began, calls });
    let reply: Reply;
    try {
      reply = { answer: work(job), ...time() };
    } catch (error) {
      const { code = '', message = String(error) } = error as { code?: string; message?: string };
      reply = { problem: { code, message, path: 'folder' in job ? job.folder : Buffer.alloc(0) }, ...time() };
    }
    port.postMessage(reply);
  });

  function work(job: Job): unknown {
    switch (job.kind) {
      case 'link':
        return link(job);
      case 'inspect':
        return inspect(job);
      case 'count':
        return count(job);
      case 'remove':
        return remove(job);
      case 'remove-folder':
        return removeFolder(job);
      case 'compare':
        return compare(job);
    }
  }

  function link({ from, to, candidates, folder, names, known, turn }: LinkJob): LinkAnswer {
    const here = under(from, folder);
    const there = under(to, folder);
    const folders = list();
    const copy = list();
    const large = list();
    const fresh = list();
    const hardLinks = list();
    const inodes: bigint[] = [];
    const freshHardLinks: number[] = [];
    const stored = readLines(known);
    const digests: string[] = [];
    const damaged = list();
    const changed = list();
    let compared = 0;
    const specials = list();
    const vanished = list();
    const linked = counter();
    let copyEntries = 0;
    let copyBytes = 0n;
    let files = 0;
    if (names === undefined) makeFolder(there);
    const { now, slices } = namesOf(here, names, () => vanished.add(folder));
    for (const name of now) {
      const path = below(folder, name);
      const stats = statsOf(within(here, name));
      if (stats === undefined) {
        vanished.add(path);
      } else if (stats.isDirectory()) {
        folders.add(path);
      } else if (stats.isFile()) {
        files++;
        if (stats.nlink > 1n) {
          hardLinks.add(path);
          inodes.push(stats.ino);
          freshHardLinks.push(mustBeCopied(stats, path) ? 1 : 0);
        } else if (!linkUnchanged(stats, path, within(there, name))) {
          if (stats.size >= largeFile) large.add(path);
          else {
            copy.add(path);
            copyEntries++;
            copyBytes += stats.size;
          }
        }
      } else if (stats.isSymbolicLink()) {
        copy.add(path);
        copyEntries++;
      } else {
        specials.add(path);
      }
    }
    return {
      folders: folders.bytes(),
      slices,
      copy: copy.bytes(),
      copyEntries,
      copyBytes: Number(copyBytes),
      large: large.bytes(),
      fresh: fresh.bytes(),
      hardLinks: hardLinks.bytes(),
      inodes: BigUint64Array.from(inodes),
      freshHardLinks: Uint8Array.from(freshHardLinks),
      digests: Uint8Array.from(Buffer.from(digests.join(''), 'latin1')),
      compared,
      damaged: damaged.bytes(),
      changed: changed.bytes(),
      specials: specials.bytes(),
      linked: linked.counts(),
      vanished: vanished.bytes(),
      files,
    };

    /** False where rsync has to look at it. */
    function linkUnchanged(stats: BigIntStats, path: Buffer, target: Buffer): boolean {
      for (const { tree, settled, listed } of candidates) {
        if (stats.ctimeNs >= settled) continue;
        const known = under(tree, path);
        const old = statsOf(known);
        if (old?.isFile() !== true || !same(stats, old)) continue;
        let digest = listed ? stored.get(path.toString('latin1')) : digestOf(known);
        if (turn !== undefined && listed && isDue(turn, stats.ino)) {
          digest = compareAll(under(from, path), known, path, digest);
          if (digest === undefined) {
            fresh.add(path);
            return true;
          }
        }
        if (old.nlink >= mostLinks || !linkTo(known, target)) {
          fresh.add(path);
          return true;
        }
        linked.add(path, old);
        if (digest !== undefined) digests.push(lineOf(digest, path));
        return true;
      }
      return false;
    }

    function linkTo(known: Buffer, target: Buffer): boolean {
      try {
        fs.linkSync(known, target);
        return true;
      } catch (error) {
        // As many links as the file system allows for one file, or gone since it was looked at.
        if (['EMLINK', 'ENOENT', 'ESTALE'].includes(codeOf(error))) return false;
        throw error;
      }
    }

    /** Whether rsync must not link a file of several names to what the candidate that is listed has. */
    function mustBeCopied(stats: BigIntStats, path: Buffer): boolean {
      const candidate = candidates.find(({ listed }) => listed);
      const known = candidate && under(candidate.tree, path);
      const old = known && statsOf(known);
      if (old?.isFile() !== true || !same(stats, old)) return false;
      if (old.nlink + stats.nlink > mostLinks) return true;
      if (turn === undefined || !isDue(turn, stats.ino)) return false;
      return compareAll(under(from, path), known ?? here, path, stored.get(path.toString('latin1'))) === undefined;
    }

    /** Undefined where the three are not the same: what the source has, what the candidate has, and what was stored. */
    function compareAll(
      original: Buffer,
      copy: Buffer,
      path: Buffer,
      expected: string | undefined,
    ): string | undefined {
      compared++;
      const held = digestOf(copy);
      if (held === undefined || (expected !== undefined && held !== expected)) {
        damaged.add(path);
        return undefined;
      }
      if (digestOf(original) === held) return held;
      // It may just be changing, or be gone; rsync finds out.
      changed.add(path);
      return undefined;
    }
  }

  /** Inodes are numbered without regard to names and times, so in each run another part of the files has its turn. */
  function isDue({ part, period }: Turn, inode: bigint): boolean {
    return Number(inode % BigInt(period)) === part;
  }

  /** Lines of digests by path, each byte of which is the character of its number. */
  function readLines(lines: Uint8Array): Map<string, string> {
    const found = new Map<string, string>();
    if (lines.length === 0) return found;
    const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength).toString('latin1');
    for (let at = 0, end; (end = text.indexOf('\n', at)) !== -1; at = end + 1) {
      if (text[at] !== '\\') found.set(text.slice(at + 66, end), text.slice(at, at + 64));
      else
        found.set(
          text
            .slice(at + 67, end)
            .replaceAll(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign === 'r' ? '\r' : sign)),
          text.slice(at + 1, at + 65),
        );
    }
    return found;
  }

  /** As sha256sum writes it. */
  function lineOf(digest: string, path: Uint8Array): string {
    const name = Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1');
    if (!/[\\\n\r]/.test(name)) return `${digest}  ${name}\n`;
    const escaped = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
    return `\\${digest}  ${escaped}\n`;
  }

  function same(a: BigIntStats, b: BigIntStats): boolean {
    return a.size === b.size && a.mtimeNs === b.mtimeNs && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
  }

  function makeFolder(path: Buffer): void {
    try {
      fs.mkdirSync(path, { mode: 0o700 });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      // Never through a symbolic link: it could lead out of the tree.
      if (statsOf(path)?.isDirectory() === true) return;
      fs.unlinkSync(path);
      fs.mkdirSync(path, { mode: 0o700 });
    }
  }

  function inspect({ from, to, paths, folders, digests: wanted }: InspectJob): InspectAnswer {
    const stored = readLines(wanted?.known ?? new Uint8Array());
    const digests: string[] = [];
    const found = counter();
    const vanished = list();
    const missing = list();
    for (const path of split(paths)) {
      const stats = statsOf(under(to, path));
      if (stats !== undefined) found.add(path, stats, stats.isSymbolicLink() ? under(to, path) : undefined);
      if (wanted !== undefined && stats?.isFile() === true) {
        // What rsync has linked from the tree before is what was stored there.
        const before = wanted.tree === undefined ? undefined : stored.get(path.toString('latin1'));
        const shared = before !== undefined && statsOf(under(wanted.tree ?? '', path))?.ino === stats.ino;
        const digest = shared ? before : digestOf(under(to, path));
        if (digest !== undefined) digests.push(lineOf(digest, path));
      }
      if (stats !== undefined && stats.isDirectory() === folders) continue;
      const original = statsOf(under(from, path));
      if (original === undefined || original.isDirectory() !== folders) vanished.add(path);
      else missing.add(path);
    }
    return {
      found: found.counts(),
      vanished: vanished.bytes(),
      missing: missing.bytes(),
      digests: Uint8Array.from(Buffer.from(digests.join(''), 'latin1')),
    };
  }

  function count({ tree, folder, names, known }: CountJob): CountAnswer {
    const stored = readLines(known);
    const different = list();
    let compared = 0;
    const here = under(tree, folder);
    const folders = list();
    const found = counter();
    const unreadable = list();
    if (names === undefined) {
      const stats = statsOf(here);
      if (stats === undefined) unreadable.add(folder);
      else found.add(folder, stats);
    }
    const { now, slices } = namesOf(here, names, () => unreadable.add(folder));
    for (const name of now) {
      const path = below(folder, name);
      const full = within(here, name);
      const stats = statsOf(full);
      if (stats === undefined) unreadable.add(path);
      else if (stats.isDirectory()) folders.add(path);
      else {
        found.add(path, stats, stats.isSymbolicLink() ? full : undefined);
        if (stats.isFile()) {
          const expected = stored.get(path.toString('latin1'));
          if (expected === undefined) {
            if (!readable(full, stats.size)) unreadable.add(path);
            continue;
          }
          const digest = digestOf(full);
          if (digest === undefined) unreadable.add(path);
          else {
            compared++;
            if (digest !== expected) different.add(path);
          }
        }
      }
    }
    return {
      folders: folders.bytes(),
      slices,
      found: found.counts(),
      unreadable: unreadable.bytes(),
      compared,
      different: different.bytes(),
    };
  }

  function readable(path: Buffer, size: bigint): boolean {
    try {
      let bytes = 0n;
      for (const chunk of chunksOf(path)) bytes += BigInt(chunk.length);
      return bytes === size;
    } catch {
      return false;
    }
  }

  function remove({ tree, folder, names }: RemoveJob): RemoveAnswer {
    const here = under(tree, folder);
    const folders = list();
    let removed = 0;
    const { now, slices } = namesOf(here, names, () => undefined);
    for (const name of now) {
      const path = within(here, name);
      if (unlinked(path)) removed++;
      else folders.add(below(folder, name));
    }
    return { folders: folders.bytes(), slices, removed };
  }

  /** False where it is a folder. */
  function unlinked(path: Buffer): boolean {
    calls++;
    try {
      fs.unlinkSync(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return true;
      // Linux says EISDIR of a folder, POSIX EPERM, which has other meanings, too.
      if (['EISDIR', 'EPERM'].includes(codeOf(error)) && statsOf(path)?.isDirectory() === true) return false;
      throw error;
    }
    return true;
  }

  function removeFolder({ tree, folder }: RemoveFolderJob): { removed: number } {
    try {
      fs.rmdirSync(under(tree, folder));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
    return { removed: 1 };
  }

  function compare({ left, right, paths, known }: CompareJob): CompareAnswer {
    const stored = readLines(known);
    const different = list();
    let compared = 0;
    for (const path of split(paths)) {
      if (statsOf(under(left, path))?.isFile() !== true) continue;
      compared++;
      const one = stored.get(path.toString('latin1')) ?? digestOf(under(left, path));
      const other = digestOf(under(right, path));
      if (one === undefined || one !== other) different.add(path);
    }
    return { compared, different: different.bytes() };
  }

  function digestOf(path: Buffer): string | undefined {
    try {
      const hash = crypto.createHash('sha256');
      for (const chunk of chunksOf(path)) hash.update(chunk);
      return hash.digest('hex');
    } catch {
      return undefined;
    }
  }

  function* chunksOf(path: Buffer): Generator<Buffer> {
    const file = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    try {
      const buffer = Buffer.allocUnsafe(1 << 20);
      for (let length; (length = fs.readSync(file, buffer)) > 0;) yield buffer.subarray(0, length);
    } finally {
      fs.closeSync(file);
    }
  }

  /** The names of a folder that this job is for, and the others in slices. */
  function namesOf(
    path: Buffer,
    names: Uint8Array | undefined,
    onGone: () => void,
  ): { now: Iterable<Buffer>; slices: Uint8Array[] } {
    if (names !== undefined) return { now: split(names), slices: [] };
    let all: Buffer[];
    try {
      all = fresh(() => fs.readdirSync(path, { encoding: 'buffer' }));
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error))) throw error;
      onGone();
      return { now: [], slices: [] };
    }
    const slices: Uint8Array[] = [];
    for (let at = sliceEntries; at < all.length; at += sliceEntries) {
      const slice = list();
      for (const name of all.slice(at, at + sliceEntries)) slice.add(name);
      slices.push(slice.bytes());
    }
    return { now: all.slice(0, sliceEntries), slices };
  }

  function statsOf(path: Buffer): BigIntStats | undefined {
    return fresh(() => {
      calls++;
      try {
        return fs.lstatSync(path, exact);
      } catch (error) {
        if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
        throw error;
      }
    });
  }

  /**
   * Asks again if the answer is that a handle is stale: what another machine has removed or replaced is then looked up
   * again. If it stays stale, the mount is gone, not just a file.
   */
  function fresh<T>(ask: () => T): T {
    for (let tries = 1; ; tries++)
      try {
        return ask();
      } catch (error) {
        if (codeOf(error) !== 'ESTALE' || tries === 3) throw error;
      }
  }

  function counter() {
    let entries = 0;
    let files = 0;
    let bytes = 0n;
    const fingerprint = Buffer.alloc(32);
    const attributes = Buffer.alloc(40);
    return {
      add(path: Uint8Array, stats: BigIntStats, symbolicLink?: Buffer): void {
        entries++;
        if (stats.isFile()) {
          files++;
          bytes += stats.size;
        }
        attributes.writeBigUInt64LE(stats.mode, 0);
        attributes.writeBigUInt64LE(stats.uid, 8);
        attributes.writeBigUInt64LE(stats.gid, 16);
        attributes.writeBigInt64LE(stats.mtimeNs, 24);
        attributes.writeBigUInt64LE(stats.isFile() ? stats.size : 0n, 32);
        const target = symbolicLink === undefined ? [] : [zero, fs.readlinkSync(symbolicLink, { encoding: 'buffer' })];
        const digest = crypto.hash('sha256', Buffer.concat([attributes, path, ...target]), 'buffer');
        for (let at = 0; at < 32; at += 4)
          fingerprint.writeInt32LE(fingerprint.readInt32LE(at) ^ digest.readInt32LE(at), at);
      },
      counts: (): Counts => ({ entries, files, bytes: Number(bytes), fingerprint }),
    };
  }

  function list() {
    const parts: Uint8Array[] = [];
    return {
      add(name: Uint8Array): void {
        parts.push(name, zero);
      },
      /** In its own buffer, so that handing it over copies nothing else. */
      bytes: (): Uint8Array => Uint8Array.from(Buffer.concat(parts)),
    };
  }

  function* split(names: Uint8Array): Generator<Buffer> {
    const bytes = Buffer.from(names.buffer, names.byteOffset, names.byteLength);
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(0, at);
      yield bytes.subarray(at, end);
      at = end + 1;
    }
  }

  function under(root: string, path: Uint8Array): Buffer {
    return path.length === 0 ? Buffer.from(root) : Buffer.concat([Buffer.from(root), slash, path]);
  }

  function within(folder: Buffer, name: Buffer): Buffer {
    return Buffer.concat([folder, slash, name]);
  }

  function below(folder: Uint8Array, name: Buffer): Buffer {
    return folder.length === 0 ? name : Buffer.concat([folder, slash, name]);
  }

  function codeOf(error: unknown): string {
    return (error as { code?: string }).code ?? '';
  }
}
