import { HoldfastError } from '#core/runtime/errors.ts';
import { isOid, type ObjectFormat } from './object-format.ts';
import { isRefName, linesOfBytes, linesOfRefs, type Head, type Refs } from './refs.ts';

/** The part of a bundle before its pack (gitformat-bundle). */
export interface BundleHeader {
  objectFormat: ObjectFormat;
  /** Commits that the reader of the bundle must have already. */
  prerequisites: readonly string[];
  refs: Refs;
  /** The commit that HEAD names, where the bundle names one. */
  headOid: string | undefined;
}

/** No header that Git or Holdfast writes comes near: a million refs take about 100 MB. */
const largestHeader = 256 << 20;

/** What every version's signature begins with. */
const signatureStart = '# v';

/**
 * Writes a header. The branch that HEAD names comes last: a version 2 bundle cannot say which branch HEAD is at, and
 * where several are at the same commit a clone takes the last. Only one at that commit that is named `master`, or
 * that of the reader's `init.defaultBranch`, git prefers to it; the manifest knows better.
 */
export function bundleHeader(
  objectFormat: ObjectFormat,
  refs: Refs,
  head: Head,
  prerequisites: readonly string[],
): Buffer {
  const lines = objectFormat === 'sha256' ? ['# v3 git bundle', '@object-format=sha256'] : ['# v2 git bundle'];
  for (const oid of prerequisites) lines.push(`-${oid}`);
  // HEAD's branch may be left out, or have moved while it was listed: only the commits of `refs` are in the pack.
  const branch = head.type === 'branch' ? head.ref : undefined;
  const tip = branch === undefined ? undefined : refs.get(branch);
  const headOid = head.type === 'detached' ? head.oid : tip;
  if (headOid !== undefined) lines.push(`${headOid} HEAD`);
  const names = [...refs.keys()].filter((name) => name !== branch);
  if (branch !== undefined && tip !== undefined) names.push(branch);
  return Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), linesOfRefs(names, refs), Buffer.from('\n')]);
}

/** A bundle being read: its header, and then its pack, which must be read to its end or left. */
export interface OpenBundle {
  header: BundleHeader;
  /** Bytes of the header, up to and with the empty line. */
  headerBytes: number;
  pack: AsyncGenerator<Buffer>;
}

/**
 * Reads the header of a bundle of version 2 or 3, by Git or by Holdfast, and leaves the pack as a stream.
 * @throws {HoldfastError} Corrupt
 */
export async function openBundle(chunks: AsyncIterable<Uint8Array>): Promise<OpenBundle> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    const { header, rest } = await takeHeader(iterator);
    const pack = packOf(rest, iterator);
    // Started, since a generator that never was frees nothing when it is left.
    await pack.next();
    return { header: parseBundleHeader(header), headerBytes: header.length, pack };
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
}

async function takeHeader(iterator: AsyncIterator<Uint8Array>): Promise<{ header: Buffer; rest: Buffer }> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) throw notABundle('it ends inside its header');
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    if (chunk.length === 0) continue;
    // The empty line may lie across two chunks, so one byte of the part before is looked at again.
    const across = parts.at(-1)?.at(-1) === 0x0a && chunk[0] === 0x0a;
    const found = chunk.indexOf('\n\n');
    if (across || found >= 0) {
      const end = across ? 1 : found + 2;
      return { header: Buffer.concat([...parts, chunk.subarray(0, end)]), rest: chunk.subarray(end) };
    }
    parts.push(Buffer.from(chunk));
    const begun = bytes >= signatureStart.length;
    bytes += chunk.length;
    if (!begun && bytes >= signatureStart.length && !Buffer.concat(parts).toString('latin1').startsWith(signatureStart))
      throw notABundle('it does not start like one');
    if (bytes > largestHeader) throw notABundle('its header does not end');
  }
}

/** Yields nothing at first: see `openBundle`. */
async function* packOf(first: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Buffer> {
  try {
    yield Buffer.alloc(0);
    if (first.length > 0) yield first;
    for (;;) {
      const next = await rest.next();
      if (next.done === true) return;
      yield Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
  } finally {
    await rest.return?.();
  }
}

/** Parses a whole header, up to and with the empty line. @throws {HoldfastError} Corrupt */
export function parseBundleHeader(bytes: Buffer): BundleHeader {
  // Git puts titles of commits, in any encoding, behind prerequisites.
  const lines = linesOfBytes(bytes);
  if (lines.at(-1) !== '' || lines.at(-2) !== '') throw notABundle('its header does not end');
  const signature = lines[0];
  if (signature !== '# v2 git bundle' && signature !== '# v3 git bundle')
    throw notABundle('it does not start like one');
  let objectFormat: ObjectFormat = 'sha1';
  const prerequisites: string[] = [];
  const refs = new Map<string, string>();
  let headOid: string | undefined;
  for (const line of lines.slice(1, -2)) {
    if (line.startsWith('@')) {
      if (signature === '# v2 git bundle') throw notABundle('a version 2 bundle has no capabilities');
      objectFormat = capability(line);
    } else if (line.startsWith('-')) {
      prerequisites.push(oidAt(line, 1, objectFormat));
    } else {
      const oid = oidAt(line, 0, objectFormat);
      const name = line.slice(oid.length + 1);
      if (name === 'HEAD') headOid = oid;
      else if (isRefName(name)) refs.set(name, oid);
      else throw notABundle(`it names a ref that is not valid: ${JSON.stringify(name.slice(0, 100))}`);
    }
  }
  return { objectFormat, prerequisites, refs, headOid };
}

function capability(line: string): ObjectFormat {
  if (line === '@object-format=sha1') return 'sha1';
  if (line === '@object-format=sha256') return 'sha256';
  throw notABundle(`it needs ${JSON.stringify(line.slice(1, 80))}, which is not supported`);
}

function oidAt(line: string, start: number, format: ObjectFormat): string {
  const oid = line.slice(start).split(' ', 1)[0] ?? '';
  if (!isOid(oid, format))
    throw notABundle(`its header has a line that is not valid: ${JSON.stringify(line.slice(0, 100))}`);
  return oid;
}

function notABundle(why: string): HoldfastError {
  return new HoldfastError('Corrupt', `not a Git bundle: ${why}`);
}
