import { kindOf } from '#core/run/kinds/table.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { sources } from '#core/sources/table.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { refuseTogether, requireTogether } from '../../applicable.ts';
import { refuseFileSystem, refuseForeignOptions } from '../../browsing-scope.ts';
import type { Context } from '../../context.ts';
import { findItem, findSnapshot, type FoundItem } from '../../find-item.ts';
import { kindsOnCommandLine } from '../../kinds/table.ts';
import type { DiffFlags } from './options.ts';

export async function diff(context: Context, flags: DiffFlags, typed: string): Promise<number> {
  refuseFileSystem('diff', typed);
  refuseTogether(context.given, 'at', 'to');
  requireTogether(context.given, 'ref', 'files', 'names the branch or tag whose files are compared');
  await requireVault(context.vault, sources);
  const catalogue = new Catalogue(context.vault);
  const item = await findItem(catalogue, typed);
  const to = findSnapshot(item, flags.to, flags.at);
  const from = flags.from === undefined ? before(item, to) : findSnapshot(item, flags.from);
  context.output.line(`${item.address}: from ${from.snapshot} to ${to.snapshot}`);
  const [earlier, later] = await Promise.all([
    catalogue.snapshot(from.item, from.snapshot),
    catalogue.snapshot(to.item, to.snapshot),
  ]);
  const kind = kindOf(later.manifest.item);
  refuseForeignOptions(context.given, kind);
  const verbs = await kindsOnCommandLine[kind].load();
  return verbs.diff(context, flags, { catalogue, snapshot: earlier, typed }, { catalogue, snapshot: later, typed });
}

function before(item: FoundItem, to: SnapshotEntry): SnapshotEntry {
  const earlier = item.snapshots[item.snapshots.indexOf(to) - 1];
  if (earlier) return earlier;
  throw new HoldfastError('NotFound', `${item.address} has no snapshot before ${to.snapshot}`, {
    advice:
      item.snapshots.length === 1
        ? 'It is the only one: there is something to compare after the next backup.'
        : 'Name two snapshots by --from and --to; holdfast show lists them.',
  });
}
