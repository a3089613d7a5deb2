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
 */
export function isRefName(name: string): boolean {
  if (!name.startsWith('refs/') || name.length > 4096) return false;
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{/.test(name)) return false;
  return (
    name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock')) &&
    !name.endsWith('.')
  );
}

/**
 * Bytes that may hold a ref name, as text. A name that is not UTF-8 cannot stand in a manifest, and decoding would turn
 * two such names into one; so their bytes are written as `\xe9`, and the backslash makes them names that
 * `isRefName` refuses.
 */
export function textOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return bytes
    .toString('latin1')
    .replace(/[\u0080-\u00ff]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
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
  const expressions = patterns.map(
    (pattern) => new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`, 's'),
  );
  return (name) => expressions.some((expression) => expression.test(name));
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

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** SHA-256 over HEAD and all refs in byte order: equal digests mean that nothing has moved. */
export function refsDigest(refs: Refs, head: Head): string {
  const hash = createHash('sha256').update(`HEAD ${describeHead(head)}\n`);
  const lines = inByteOrder(refs.keys()).map((name) => `${refs.get(name) ?? ''} ${name}\n`);
  return hash.update(lines.join('')).digest('hex');
}

/** The names in the order of their bytes, in which Git sorts refs. */
export function inByteOrder(names: Iterable<string>): string[] {
  // Each name is encoded once: there may be a hundred thousand, and a sort compares each with many.
  const encoded = Array.from(names, (name) => ({ name, bytes: Buffer.from(name) }));
  return encoded.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ name }) => name);
}

function describeHead(head: Head): string {
  if (head.type === 'absent') return 'absent';
  return head.type === 'detached' ? head.oid : head.ref;
}
