import type { BundleHeader } from '#core/git/bundle.ts';
import type { PackInfo } from '#core/git/pack-checker.ts';
import type { Refs } from '#core/git/refs.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { GitState } from '#core/vault/manifest.ts';

/**
 * Compares a bundle with what its own manifest says of it. A difference cannot come from damage, since both have a
 * digest: the program that wrote them was wrong.
 * @throws {HoldfastError} Damaged
 */
export function compareHeader(key: string, header: BundleHeader, git: GitState): void {
  compareRefs(key, header.refs, new Map(Object.entries(git.refsSince?.set ?? git.refs ?? {})));
  if (header.prerequisites.join() !== (git.prerequisites ?? []).join())
    throw new HoldfastError('Damaged', `${key} builds on other commits than its manifest says`);
}

/** The same for the pack in a bundle. @throws {HoldfastError} Damaged */
export function comparePack(key: string, pack: PackInfo, git: GitState): void {
  if (pack.hash !== git.pack?.hash || pack.objects !== git.pack.objects)
    throw new HoldfastError('Damaged', `${key} holds another pack than its manifest says`);
}

/**
 * @param where what holds the refs that were found
 * @throws {HoldfastError} Damaged
 */
export function compareRefs(where: string, found: Refs, expected: Refs): void {
  const wrong = [...expected].find(([name, oid]) => found.get(name) !== oid);
  if (wrong) throw new HoldfastError('Damaged', `${where} does not have ${wrong[0]} at ${wrong[1]}`);
  const extra = [...found.keys()].find((name) => !expected.has(name));
  if (extra !== undefined)
    throw new HoldfastError('Damaged', `${where} has ${extra}, which the snapshot does not have`);
}
