import { kindOf } from '#core/run/kinds/table.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
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
 * @throws {HoldfastError} NotFound; Usage for an option that its kind does not have
 */
export async function lookInto(
  context: Context,
  verb: string,
  typed: string,
  id: string | undefined,
): Promise<{ verbs: KindVerbs; shown: Shown }> {
  refuseFileSystem(verb, typed);
  await requireVault(context.vault, sources);
  const catalogue = new Catalogue(context.vault);
  const found = findSnapshot(await findItem(catalogue, typed), id);
  const snapshot = await catalogue.snapshot(found.item, found.snapshot);
  const kind = kindOf(snapshot.manifest.item);
  refuseForeignOptions(context.given, kind);
  return { verbs: await kindsOnCommandLine[kind].load(), shown: { catalogue, snapshot, typed } };
}
