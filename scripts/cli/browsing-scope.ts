import { HoldfastError } from '#core/runtime/errors.ts';
import type { KindName } from '#core/sources/source.ts';
import { refuseInapplicable, type GivenOptions, type Scope } from './applicable.ts';
import { isEfs } from './efs/is-efs.ts';
import { ofEachKind, optionsOfKinds } from './kinds/table.ts';

const scope: Scope<KindName> = {
  sorts: ofEachKind(({ one }) => one),
  options: optionsOfKinds(),
};

/** @throws {HoldfastError} Usage for an option that an item of this kind does not have */
export function refuseForeignOptions(given: GivenOptions, kind: KindName): void {
  refuseInapplicable(scope, given, kind);
}

/** @throws {HoldfastError} Usage: snapshots of file systems are folders on a file system, and not in a vault */
export function refuseFileSystem(verb: string, typed: string): void {
  if (!isEfs(typed)) return;
  throw new HoldfastError('Usage', `${verb} looks into a vault, and the snapshots of ${typed} are on a file system`, {
    advice: `holdfast show ${typed} lists them; holdfast restore ${typed} --path … brings a folder back.`,
  });
}
