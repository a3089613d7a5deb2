import { HoldfastError } from '#core/runtime/errors.ts';

export interface UnpackLimits {
  /** Files and folders. */
  entries: number;
  /** Bytes of the archive, packed or unpacked, its own headers counted. */
  bytes: number;
  /** How many times its packed size an archive may unpack to. */
  ratio: number;
}

/**
 * Far beyond any real mirror, and the disk is usually full before: what remains is to stop a bomb. Packs hardly
 * compress, lists of refs by about 10 and folders without content by about 50.
 */
export const defaultUnpackLimits: UnpackLimits = { entries: 1_000_000, bytes: 2 ** 40, ratio: 200 };

/** Below this the ratio says nothing: a tar with a few small files is mostly zeros. */
const ratioCountsFrom = 16 << 20;

/** No entry is longer: what file systems allow for a name and Linux for a path. */
const longestName = 255;
const longestPath = 4000;

/** What an archive says of one entry. */
interface ArchiveEntry {
  name: string;
  /** In the archive's own words; only files and folders are let through. */
  type: string;
  /** The bytes that it unpacks to. */
  bytes: number;
}

/** An entry that may be written. */
export interface AcceptedEntry {
  type: 'file' | 'directory';
  /** Below the target; empty for the target itself. */
  segments: readonly string[];
}

/**
 * Judges an archive's entries one after the other. What it refuses was made to write somewhere else than into the
 * target, or would come out differently on another machine; no archive of a repository needs it.
 */
export class UnpackRules {
  readonly #limits: UnpackLimits;
  /** What each place holds, under a name without regard to case and Unicode form. */
  readonly #taken = new Map<string, { path: string; type: 'file' | 'directory'; listed: boolean }>();
  #entries = 0;
  #bytes = 0;

  constructor(limits: UnpackLimits) {
    this.#limits = limits;
  }

  /** @throws {HoldfastError} Damaged, or TooLarge, before anything of the entry need be read */
  accept({ name, type, bytes }: ArchiveEntry): AcceptedEntry {
    if (type !== 'file' && type !== 'directory') throw refused(name, `is a ${type}`);
    this.#count(name, bytes);
    const segments = segmentsOf(name);
    // Old tars mark a folder by nothing but the slash at its end.
    const kind = name.endsWith('/') || segments.length === 0 ? 'directory' : type;
    if (kind === 'directory' && bytes !== 0) throw refused(name, 'is a folder that has content itself');
    segments.forEach((_, depth) => {
      const last = depth === segments.length - 1;
      this.#take(name, segments.slice(0, depth + 1).join('/'), last ? kind : 'directory', last);
    });
    return { type: kind, segments };
  }

  /** To be called as an archive is read. @throws {HoldfastError} TooLarge */
  checkSize(packed: number, unpacked: number): void {
    const { bytes, ratio } = this.#limits;
    if (packed > bytes || unpacked > bytes) throw tooLarge(`is larger than ${bytes} bytes`);
    if (unpacked > ratioCountsFrom && unpacked > packed * ratio)
      throw tooLarge(`unpacks to more than ${ratio} times its size`);
  }

  /** To be called when all entries have been seen. @throws {HoldfastError} Damaged */
  finish(): void {
    if (this.#entries === 0) throw new HoldfastError('Damaged', 'the archive is empty');
  }

  #count(name: string, bytes: number): void {
    if (!Number.isSafeInteger(bytes) || bytes < 0) throw refused(name, 'has an impossible size');
    this.#entries += 1;
    this.#bytes += bytes;
    if (this.#entries > this.#limits.entries) throw tooLarge(`holds more than ${this.#limits.entries} entries`);
    if (this.#bytes > this.#limits.bytes) throw tooLarge(`unpacks to more than ${this.#limits.bytes} bytes`);
  }

  #take(name: string, path: string, type: 'file' | 'directory', listed: boolean): void {
    const place = placeOf(path);
    const found = this.#taken.get(place);
    if (!found) {
      this.#taken.set(place, { path, type, listed });
      return;
    }
    if (found.path !== path) throw refused(name, `differs from ${quote(found.path)} only by case or Unicode form`);
    if (found.type !== type) throw refused(name, `needs ${quote(path)} as a file and as a folder`);
    if (found.listed && listed) throw refused(name, 'occurs twice');
    found.listed ||= listed;
  }
}

function segmentsOf(name: string): string[] {
  if (name.startsWith('/')) throw refused(name, 'has an absolute path');
  if (/^[a-z]:/i.test(name)) throw refused(name, 'names a drive');
  if (name.includes('\\')) throw refused(name, 'holds a backslash');
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  if (/[\u0000-\u001f\u007f]/.test(name)) throw refused(name, 'holds a control character');
  // Bytes that are not text would become something else on the way.
  if (name.includes('\ufffd') || !name.isWellFormed()) throw refused(name, 'is not valid Unicode');
  if (Buffer.byteLength(name) > longestPath) throw refused(name, 'is too long');
  // `tar -C folder .` begins every name by `./`, and names the folder itself.
  const segments = name.replace(/^\.(\/|$)/, '').split('/');
  if (segments.at(-1) === '') segments.pop();
  for (const segment of segments) {
    if (segment === '..') throw refused(name, 'leads out of the target');
    if (segment === '' || segment === '.') throw refused(name, 'has an empty part');
    if (Buffer.byteLength(segment) > longestName) throw refused(name, 'is too long');
  }
  if (segments.length === 0 && !/^\.\/?$/.test(name)) throw refused(name, 'has no name');
  return segments;
}

/** Equal for names that some file system takes for the same; the way through capitals also joins `ß` and `ss`. */
function placeOf(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

function refused(name: string, why: string): HoldfastError {
  return new HoldfastError('Damaged', `the archive is refused: the entry ${quote(name)} ${why}`, {
    advice: 'No backup holds such an entry: find out who wrote this archive, and restore another snapshot.',
  });
}

function tooLarge(why: string): HoldfastError {
  return new HoldfastError('TooLarge', `the archive is refused: it ${why}`);
}

function quote(name: string): string {
  return JSON.stringify(name.slice(0, 200));
}
