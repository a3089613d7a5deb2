import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';

/** Ref name → object id, as advertised: without HEAD and without peeled `^{}` entries. */
export type Refs = ReadonlyMap<string, string>;

/**
 * Where HEAD points. `detached`: at a commit, or at a branch that the server does not name. `unborn`: at a branch
 * without commits. `absent`: the server says nothing about it.
 */
export type Head =
  | { type: 'branch'; ref: string; oid: string }
  | { type: 'detached'; oid: string }
  | { type: 'unborn'; ref: string }
  | { type: 'absent' };

/**
 * Whether a name may stand in a repository, by the rules of git-check-ref-format. Names come from servers and end up
 * in files, so nothing else is let through.
 * @param name as `nameOfBytes` gives it
 */
export function isRefName(name: string): boolean {
  if (!name.startsWith('refs/') || name.length > 4096) return false;
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  if (/[\u0000-\u0020\u007f~^:?*[]|\.\.|@\{/.test(name)) return false;
  if (name.includes('\\') && !isWrittenInBytes(name)) return false;
  return (
    name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock')) &&
    !name.endsWith('.')
  );
}

/**
 * A ref's name as text: UTF-8 where it is that, which nearly all are. Git takes any bytes, and JSON does not; so in any
 * other name each byte above 0x7f is written as `\xe9`. Git allows no backslash in names, so that no two names are
 * written alike; one that was sent all the same becomes `\x5c`, which `isRefName` refuses.
 */
export function nameOfBytes(bytes: Buffer): string {
  const text = textOfBytes(bytes);
  if (!bytes.includes(backslash)) return text;
  return bytes.toString('latin1').replace(/[\\\u0080-\u00ff]/g, byteInHex);
}

/** The bytes that a name as `nameOfBytes` gives it stands for. */
export function bytesOfName(name: string): Buffer {
  if (!name.includes('\\')) return Buffer.from(name);
  const latin1 = name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(latin1, 'latin1');
}

const backslash = 0x5c;

/** Only a name that is not UTF-8 is written so: otherwise one name could be written in two ways. */
function isWrittenInBytes(name: string): boolean {
  return /^(?:[\u0021-\u005b\u005d-\u007e]|\\x[89a-f][0-9a-f])+$/.test(name) && !isUtf8(bytesOfName(name));
}

/** Bytes that should be text, as text: where they are not UTF-8, those above 0x7f are written as `\xe9`. */
export function textOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return bytes.toString('latin1').replace(/[\u0080-\u00ff]/g, byteInHex);
}

/** Lines that may hold names of refs, as text. */
export function linesOfBytes(bytes: Buffer): string[] {
  if (isUtf8(bytes) && !bytes.includes(backslash)) return bytes.toString('utf8').split('\n');
  // Each on its own: one that is not UTF-8 changes nothing in how the others are written.
  const lines = bytes.toString('latin1').split('\n');
  return lines.map((line) => nameOfBytes(Buffer.from(line, 'latin1')));
}

function byteInHex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16)}`;
}

/** Which of the advertised refs are taken. Patterns are whole names in which `*` stands for any run of characters. */
export interface RefSelection {
  /** Empty: all. */
  include: readonly string[];
  exclude: readonly string[];
}

export const allRefs: RefSelection = { include: [], exclude: [] };

/** A test for whole ref names: `refs/heads/*` also takes `refs/heads/a/b`, as in Git's own refspecs. */
export function refMatcher(patterns: readonly string[]): (name: string) => boolean {
  const tests = patterns.map(matcherOf);
  return (name) => tests.some((test) => test(name));
}

/**
 * Looks for what stands between the stars, one after the other, each at the first place where it is: a regular expression
 * would try all places of each, and a server can choose names that make that take hours.
 */
function matcherOf(pattern: string): (name: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return (name) => name === pattern;
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
    const end = name.length - last.length;
    let at = first.length;
    for (const part of others) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** Parts the refs into those that the selection takes and the names of those that it leaves. */
export function selectRefs(refs: Refs, selection: RefSelection): { taken: Map<string, string>; left: string[] } {
  const included = refMatcher(selection.include);
  const excluded = refMatcher(selection.exclude);
  const taken = new Map<string, string>();
  const left: string[] = [];
  for (const [name, oid] of refs) {
    if ((selection.include.length === 0 || included(name)) && !excluded(name)) taken.set(name, oid);
    else left.push(name);
  }
  return { taken, left };
}

/** `<oid> <name>`, a line for each of the names, as they stand in packed-refs and in bundles. */
export function linesOfRefs(names: readonly string[], refs: Refs): Buffer {
  const lines = names.map((name) => `${refs.get(name) ?? ''} ${name}\n`);
  if (!names.some((name) => name.includes('\\'))) return Buffer.from(lines.join(''));
  return Buffer.concat(lines.map(bytesOfName));
}

/** SHA-256 over HEAD and all refs in byte order: equal digests mean that nothing has moved. */
export function refsDigest(refs: Refs, head: Head): string {
  const hash = createHash('sha256').update(bytesOfName(`HEAD ${describeHead(head)}\n`));
  return hash.update(linesOfRefs(inByteOrder(refs.keys()), refs)).digest('hex');
}

/** The names in the order of their bytes, in which Git sorts refs. */
export function inByteOrder(names: Iterable<string>): string[] {
  // Each name is encoded once: there may be a hundred thousand, and a sort compares each with many.
  const encoded = Array.from(names, (name) => ({ name, bytes: bytesOfName(name) }));
  return encoded.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ name }) => name);
}

function describeHead(head: Head): string {
  if (head.type === 'absent') return 'absent';
  return head.type === 'detached' ? head.oid : head.ref;
}
