import { Catalogue, type ItemEntry } from '#core/vault/catalogue.ts';
import { indexRoot, parseIndexKey, parseSource, sources, timeOf, type Source } from '#core/vault/layout.ts';
import type { Vault } from '#core/vault/vault.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-codes.ts';
import { count, formatBytes, table } from '../format.ts';

/** Lists items by the keys in the vault alone; snapshots that an item has under an earlier name count as its own. */
export async function list({ vault, output }: Context, only?: string): Promise<number> {
  const rows: string[][] = [];
  let bytes = 0;
  let snapshots = 0;
  for (const source of only === undefined ? sources : [parseSource(only)]) {
    for (const lineage of await lineages(vault, source)) {
      const summary = summarise(lineage);
      if (!summary) continue;
      output.event('item', summary);
      bytes += summary.bytes;
      snapshots += summary.snapshots;
      const former = summary.formerly.length === 0 ? '' : `(was ${summary.formerly.join(', ')})`;
      rows.push([
        summary.address,
        count(summary.snapshots, 'snapshot'),
        formatBytes(summary.bytes),
        summary.newest,
        `${summary.checked ?? ''} ${former}`.trim(),
      ]);
    }
  }
  for (const line of table(rows)) output.result(line);
  output.event('total', { items: rows.length, snapshots, bytes });
  output.line(
    rows.length === 0
      ? `${vault.location} holds nothing yet`
      : `${count(rows.length, 'item')}, ${count(snapshots, 'snapshot')}, ${formatBytes(bytes)} in ${vault.location}`,
  );
  return exitCode.well;
}

/** The paths of each item, the one with the newest snapshot last. */
async function lineages(vault: Vault, source: Source): Promise<ItemEntry[][]> {
  const idOf = new Map<string, string>();
  for await (const { key } of vault.list(indexRoot(source))) {
    const entry = parseIndexKey(key);
    if (entry) idOf.set(entry.item, entry.id);
  }
  const byId = new Map<string, ItemEntry[]>();
  for await (const entry of new Catalogue(vault).items(source)) {
    const id = idOf.get(entry.item) ?? entry.item;
    byId.set(id, [...(byId.get(id) ?? []), entry]);
  }
  const newest = (entry: ItemEntry): string => entry.snapshots.at(-1)?.snapshot ?? '';
  return [...byId.values()].map((entries) => entries.sort((a, b) => (newest(a) < newest(b) ? -1 : 1)));
}

function summarise(lineage: ItemEntry[]) {
  const whole = lineage.flatMap((entry) => entry.snapshots).filter((snapshot) => snapshot.hasManifest);
  const latest = whole.at(-1);
  const current = lineage.at(-1);
  if (!latest || !current) return undefined;
  return {
    address: current.address,
    formerly: lineage.slice(0, -1).map((entry) => entry.address),
    snapshots: whole.length,
    bytes: whole.flatMap((snapshot) => snapshot.objects).reduce((sum, object) => sum + object.bytes, 0),
    newest: latest.snapshot,
    time: timeOf(latest.snapshot).toISOString(),
    checked: whole.findLast((snapshot) => snapshot.checked !== undefined)?.checked,
  };
}
