import { kindOf } from '#core/run/kinds/table.ts';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { sources } from '#core/sources/table.ts';
import { addressOf } from '#core/vault/layout.ts';
import type { Manifest } from '#core/vault/manifest.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { refuseInapplicable, refuseTogether } from '../../applicable.ts';
import { askedScope, askedSort } from '../../asked-scope.ts';
import type { Context } from '../../context.ts';
import { isEfs } from '../../efs/is-efs.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItem, findSnapshot } from '../../find-item.ts';
import { count, formatBytes } from '../../format.ts';
import { kindsOnCommandLine } from '../../kinds/table.ts';
import { table } from '../../table.ts';
import type { ShowFlags } from './options.ts';
import type { ShowEvent } from './events.ts';

export async function show(context: Context, flags: ShowFlags, typed: string): Promise<number> {
  refuseInapplicable(askedScope('showing'), context.given, askedSort(typed));
  refuseTogether(context.given, 'at', 'snapshot');
  if (isEfs(typed)) return (await import('../../efs/show.ts')).showEfs(context, flags, typed);
  const { vault, output } = context;
  await requireVault(vault, sources);
  const catalogue = new Catalogue(vault);
  const item = await findItem(catalogue, typed);
  const chosen = findSnapshot(item, flags.snapshot, flags.at);
  const rows: string[][] = [];
  const notes: string[] = [];
  for (const entry of item.snapshots) {
    const manifest = await readable(catalogue, entry);
    if (manifest instanceof HoldfastError) {
      const { message } = manifest;
      output.event<ShowEvent>({
        event: 'unreadable',
        address: addressOf(entry.item),
        snapshot: entry.snapshot,
        message,
      });
      rows.push([entry.snapshot, 'unreadable', '', 'damaged', '']);
      notes.push(`${entry.snapshot}: ${message}`);
      continue;
    }
    const bytes = manifest.data.reduce((sum, data) => sum + data.bytes, 0);
    const { git: _, parent, ...rest } = manifest;
    output.event<ShowEvent>({
      event: 'snapshot',
      address: addressOf(entry.item),
      ...rest,
      parent: parent && { address: addressOf(parent.item), snapshot: parent.snapshot, digest: parent.digest },
      bytes,
      checked: entry.checked,
    });
    const builds =
      manifest.chain.length === 0 || manifest.kind === 'unchanged'
        ? ''
        : `on ${count(manifest.chain.length, 'earlier one')}`;
    const equal = manifest.kind === 'unchanged' ? `since ${manifest.parent?.snapshot ?? ''}` : builds;
    rows.push([entry.snapshot, manifest.kind, formatBytes(bytes), entry.checked ?? '', equal]);
    notes.push(...manifest.warnings.map((warning) => `${entry.snapshot}: ${warning}`));
  }
  const others = item.others ?? [];
  if (others.length > 0)
    notes.push(
      `${count(others.length, 'snapshot')} here of another item, the newest ${others.at(-1)?.snapshot ?? ''}; --snapshot and --at find them`,
    );
  output.line(output.paint('bold', item.address));
  for (const line of await table(rows)) output.result(`  ${line}`);
  for (const note of notes) output.line(`  ${output.paint('yellow', 'note')}  ${note}`);

  const snapshot = await catalogue.snapshot(chosen.item, chosen.snapshot);
  output.line();
  const verbs = await kindsOnCommandLine[kindOf(snapshot.manifest.item)].load();
  await verbs.show(context, flags, { catalogue, snapshot, typed });
  for (const { what, why } of snapshot.manifest.omitted) output.line(`  without ${what}: ${why}`);
  return exitCode.well;
}

/** The manifest of a snapshot, or why it cannot be read: one that is damaged hides no other. */
async function readable(catalogue: Catalogue, { item, snapshot }: SnapshotEntry): Promise<Manifest | HoldfastError> {
  try {
    return (await catalogue.manifest(item, snapshot)).manifest;
  } catch (error) {
    if (error instanceof HoldfastError && hasCode(error, 'Damaged')) return error;
    throw error;
  }
}
