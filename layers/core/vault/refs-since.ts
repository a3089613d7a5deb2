import type { CheckedManifest, GitState, Manifest } from './manifest.ts';
import { referenceTo } from './reference.ts';

type Refs = ReadonlyMap<string, string>;
type RefsSince = NonNullable<GitState['refsSince']>;

/** Below this size, in bytes, a list of refs is written whole: it then needs no other manifest. */
const smallList = 64 << 10;

/** Where more than this part of a list has changed, it is written whole again. */
const largestPart = 1 / 4;

/** A line of a list has an object id, and in JSON and in the header of a bundle little besides its name. */
const lineOverhead = 50;

/**
 * What refs have become since the last manifest that lists all of its own: two lists of hundreds of thousands mostly
 * differ in few, and each would be written twice, in the manifest and in the bundle. It always refers to a whole list and
 * never to another difference, so that two manifests are all that it takes to know the refs.
 * @param parent with all of its refs
 * @param always a ref that is given even where it has not moved: HEAD's branch, so that a bundle has HEAD
 * @returns undefined where the list is better written whole
 */
export function refsSince(parent: CheckedManifest, refs: Refs, always: string | undefined): RefsSince | undefined {
  const whole = sizeOf(refs.keys());
  if (whole < smallList) return undefined;
  const { refs: before = {}, refsSince: earlier } = parent.manifest.git ?? {};
  const known = new Map(Object.entries(before));
  const changed = new Set([...Object.keys(earlier?.set ?? {}), ...(earlier?.gone ?? [])]);
  for (const [name, oid] of refs) if (known.get(name) !== oid) changed.add(name);
  for (const name of known.keys()) if (!refs.has(name)) changed.add(name);
  if (always !== undefined) changed.add(always);
  const set: Record<string, string> = {};
  const gone: string[] = [];
  for (const name of changed) {
    const oid = refs.get(name);
    if (oid === undefined) gone.push(name);
    else set[name] = oid;
  }
  if (Object.keys(set).length === 0 || sizeOf(changed) > whole * largestPart) return undefined;
  return { base: earlier?.base ?? referenceTo(parent), set, gone, total: refs.size };
}

function sizeOf(names: Iterable<string>): number {
  let bytes = 0;
  for (const name of names) bytes += name.length + lineOverhead;
  return bytes;
}

/** A manifest with all of its refs. @param base the one that it names */
export function withAllRefs(manifest: Manifest, base: Manifest): Manifest {
  const { git } = manifest;
  if (!git?.refsSince) return manifest;
  const refs = new Map(Object.entries(base.git?.refs ?? {}));
  for (const name of git.refsSince.gone) refs.delete(name);
  for (const [name, oid] of Object.entries(git.refsSince.set)) refs.set(name, oid);
  return { ...manifest, git: { ...git, refs: Object.fromEntries(refs) } };
}
