import { kindOf } from '#core/run/kinds/table.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import { sources } from '#core/sources/table.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { refuseFileSystem, refuseForeignOptions } from './browsing-scope.ts';
import type { Context } from './context.ts';
import { findItem, findSnapshot } from './find-item.ts';
import type { KindVerbs, Shown } from './kinds/kind.ts';
import { kindsOnCommandLine } from './kinds/table.ts';

/**
 * Opens a snapshot for a verb that looks into it.
 * @param id of the snapshot, or the beginning of one; undefined for the newest
 * @param at a moment, in place of an id: the newest snapshot that is not later
 * @throws {HoldfastError} NotFound; Usage for an option that its kind does not have
 */
export async function lookInto(
  context: Context,
  verb: string,
  typed: string,
  id: string | undefined,
  at?: SnapshotId,
): Promise<{ verbs: KindVerbs; shown: Shown }> {
  refuseFileSystem(verb, typed);
  await requireVault(context.vault, sources);
  const catalogue = new Catalogue(context.vault);
  if (id !== undefined && at !== undefined)
    throw new HoldfastError('Usage', '--at does not apply together with --snapshot', {
      advice: '--snapshot names the snapshot, --at the moment of which the newest is taken.',
    });
  const found = findSnapshot(await findItem(catalogue, typed), id, at);
  const snapshot = await catalogue.snapshot(found.item, found.snapshot);
  const kind = kindOf(snapshot.manifest.item);
  refuseForeignOptions(context.given, kind);
  return { verbs: await kindsOnCommandLine[kind].load(), shown: { catalogue, snapshot, typed } };
}
