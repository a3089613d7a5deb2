import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync, writeSync } from 'node:fs';
import { systemCode } from '#core/runtime/errors.ts';

/**
 * The digests of the regular files of a snapshot, in the form of `sha256sum`, so that a person can check a tree without
 * this program: `sha256sum --check ../digests` in it. Lines of one folder stand together, in one or a few blocks.
 */
export const digestsName = 'digests';

/** What a manifest says of the list. */
export interface DigestSummary {
  /** How many files it has. */
  files: number;
  /** Of the list itself. */
  sha256: string;
}

/** So much is gathered before it is written, in bytes. */
const writtenAtOnce = 1 << 20;

/** Adds to a new list. Only what is to be written next is in memory. */
export class DigestWriter {
  readonly #descriptor: number;
  readonly #hash = createHash('sha256');
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #files = 0;

  constructor(file: string) {
    this.#descriptor = openSync(file, 'wx', 0o600);
  }

  /** @param lines whole lines of one folder, or of several one after the other */
  add(lines: Uint8Array): void {
    if (lines.length === 0) return;
    for (const byte of lines) if (byte === newline) this.#files++;
    this.#hash.update(lines);
    this.#waiting.push(lines);
    this.#bytes += lines.length;
    if (this.#bytes >= writtenAtOnce) this.#flush();
  }

  /** Of all that was added. */
  get summary(): DigestSummary {
    return { files: this.#files, sha256: this.#hash.copy().digest('hex') };
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#waiting);
    for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor, bytes, at);
    this.#waiting = [];
    this.#bytes = 0;
  }
}

interface Block {
  at: number;
  length: number;
}

const newline = 0x0a;

/** A list that is there. In memory are the names of its folders, and where their lines stand. */
export class DigestList {
  readonly #descriptor: number;
  readonly #folders: Map<string, Block[]>;
  /** The lines of the folder that was asked for last, by path: paths come folder by folder. */
  #last: { folder: string; lines: Map<string, Buffer> } | undefined;

  private constructor(descriptor: number, folders: Map<string, Block[]>) {
    this.#descriptor = descriptor;
    this.#folders = folders;
  }

  /**
   * Opens the list of a snapshot. Undefined where it has none, or not the one that its manifest speaks of: then nothing
   * is known of its files.
   */
  static async open(file: string, expected: DigestSummary | undefined): Promise<DigestList | undefined> {
    if (expected === undefined) return undefined;
    let descriptor: number;
    try {
      descriptor = openSync(file, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    const { folders, sha256 } = await indexOf(file);
    if (sha256 === expected.sha256) return new DigestList(descriptor, folders);
    closeSync(descriptor);
    return undefined;
  }

  /** The lines of all files that stand in a folder itself. */
  ofFolder(folder: Uint8Array): Uint8Array {
    return this.#read(Buffer.from(folder.buffer, folder.byteOffset, folder.byteLength).toString('latin1'));
  }

  /**
   * The lines of these files.
   * @param below the folder that the paths are relative to, as the lines that are answered are
   */
  of(paths: Iterable<Uint8Array>, below = ''): Uint8Array {
    const found: Uint8Array[] = [];
    const prefix = below === '' ? '' : `${Buffer.from(below).toString('latin1')}/`;
    for (const path of paths) {
      const relative = Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1');
      const whole = prefix + relative;
      const folder = folderOf(whole);
      if (this.#last?.folder !== folder) this.#last = { folder, lines: linesByPath(this.#read(folder)) };
      const line = this.#last.lines.get(whole);
      if (line) found.push(prefix === '' ? line : writeLine(digestIn(line), relative));
    }
    return Buffer.concat(found);
  }

  /** As `of`, for names in one folder. */
  ofNames(folder: Uint8Array, names: Iterable<Uint8Array>): Uint8Array {
    const prefix = folder.length === 0 ? Buffer.alloc(0) : Buffer.concat([folder, Buffer.from('/')]);
    return this.of([...names].map((name) => Buffer.concat([prefix, name])));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #read(folder: string): Buffer {
    const blocks = this.#folders.get(folder) ?? [];
    const bytes = Buffer.alloc(blocks.reduce((sum, { length }) => sum + length, 0));
    let filled = 0;
    for (const { at, length } of blocks) filled += readSync(this.#descriptor, bytes, filled, length, at);
    return bytes.subarray(0, filled);
  }
}

/** Reads a list from its beginning to its end: where the lines of each folder stand, and its digest. */
async function indexOf(file: string): Promise<{ folders: Map<string, Block[]>; sha256: string }> {
  const folders = new Map<string, Block[]>();
  const hash = createHash('sha256');
  let at = 0;
  let last: { folder: string; block: Block } | undefined;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let begin = 0;
    for (let end; (end = bytes.indexOf(newline, begin)) !== -1; begin = end + 1) {
      const length = end + 1 - begin;
      const folder = folderOf(pathOf(bytes, begin, end));
      if (last?.folder === folder) last.block.length += length;
      else {
        last = { folder, block: { at, length } };
        folders.set(folder, [...(folders.get(folder) ?? []), last.block]);
      }
      at += length;
    }
    rest = bytes.subarray(begin);
  }
  return { folders, sha256: hash.digest('hex') };
}

function linesByPath(block: Buffer): Map<string, Buffer> {
  const lines = new Map<string, Buffer>();
  let begin = 0;
  for (let end; (end = block.indexOf(newline, begin)) !== -1; begin = end + 1)
    lines.set(pathOf(block, begin, end), block.subarray(begin, end + 1));
  return lines;
}

/** The path of a line, each byte as the character of its number. */
function pathOf(bytes: Buffer, begin: number, end: number): string {
  const escaped = bytes[begin] === 0x5c;
  const path = bytes.toString('latin1', begin + 66 + (escaped ? 1 : 0), end);
  return escaped ? path.replaceAll(/\\(.)/g, (_, sign: string) => escapes[sign] ?? sign) : path;
}

function digestIn(line: Buffer): string {
  const begin = line[0] === 0x5c ? 1 : 0;
  return line.toString('latin1', begin, begin + 64);
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', '\\': '\\' };

function writeLine(digest: string, path: string): Buffer {
  if (!/[\\\n\r]/.test(path)) return Buffer.from(`${digest}  ${path}\n`, 'latin1');
  const signs: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\\': '\\\\' };
  return Buffer.from(`\\${digest}  ${path.replaceAll(/[\\\n\r]/g, (sign) => signs[sign] ?? sign)}\n`, 'latin1');
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
