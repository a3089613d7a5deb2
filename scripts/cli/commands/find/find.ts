import { viewOf } from '#core/records/browse/view.ts';
import { kindOf } from '#core/run/kinds/table.ts';
import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import { sources } from '#core/sources/table.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { addressOf } from '#core/vault/layout.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItem, findSnapshot } from '../../find-item.ts';
import { count } from '../../format.ts';
import { kindsOnCommandLine } from '../../kinds/table.ts';
import { firstLine } from '../../kinds/records/ls.ts';
import type { FindFlags } from './options.ts';
import type { FindEvent } from './events.ts';

/** Searches the newest snapshot of each dataset, in which what was deleted at its source still stands. */
export async function find(
  { vault, output, signal }: Context,
  flags: FindFlags,
  typed: string,
  only?: string,
): Promise<number> {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) throw new HoldfastError('Usage', 'there is no word to search for');
  await requireVault(vault, sources);
  const catalogue = new Catalogue(vault);
  let found = 0;
  let searched = 0;
  for await (const entry of only === undefined
    ? newestOfAll(catalogue)
    : [findSnapshot(await findItem(catalogue, only), undefined)]) {
    const { manifest, content } = await catalogue.snapshot(entry.item, entry.snapshot);
    const { records } = await kindsOnCommandLine[kindOf(manifest.item)].load();
    if (!records) continue;
    searched++;
    const address = addressOf(entry.item);
    for await (const line of records(vault, content)) {
      throwIfInterrupted(signal);
      if (!words.every((word) => textsIn(line.record).includes(word))) continue;
      if (found === flags.limit) return told(true);
      found++;
      const view = viewOf(line);
      const { key, type, title, author, at, deleted } = view;
      output.event<FindEvent>({
        event: 'record',
        address,
        snapshot: entry.snapshot,
        key,
        type,
        title,
        author,
        at,
        deleted,
      });
      output.result(`${address}  ${key}  ${firstLine(view)}`);
    }
  }
  return told(false);

  function told(more: boolean): number {
    output.event<FindEvent>({ event: 'total', found, more });
    output.line(more ? `${count(found, 'record')}, and more: --limit` : `${count(found, 'record')} found`);
    if (searched === 0)
      output.line('nothing was searched: the issues and releases that backup github stores are not here');
    return exitCode.well;
  }
}

async function* newestOfAll(catalogue: Catalogue): AsyncGenerator<SnapshotEntry> {
  for (const source of sources)
    for await (const { item, snapshots } of catalogue.items(source)) {
      const newest = snapshots.findLast(({ hasManifest }) => hasManifest);
      const path = addressOf(item).split('/').slice(1);
      const { records } = await kindsOnCommandLine[kindOf({ source, path })].load();
      if (newest && records) yield newest;
    }
}

/** All that people wrote in a record, in lower case; its addresses are not searched. */
function textsIn(value: unknown): string {
  if (typeof value === 'string') return /^https?:\/\/\S*$/.test(value) ? '' : value.toLowerCase();
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textsIn).join('\n');
}
