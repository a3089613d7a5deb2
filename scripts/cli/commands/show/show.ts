import { Catalogue, type Snapshot } from '#core/vault/catalogue.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { refuseInapplicable } from '../../applicable.ts';
import { askedScope, askedSort } from '../../asked-scope.ts';
import type { Context } from '../../context.ts';
import { isEfs } from '../../efs/is-efs.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItem, findSnapshot } from '../../find-item.ts';
import { count, formatBytes } from '../../format.ts';
import { table } from '../../table.ts';
import type { Output } from '../../output.ts';
import type { ShowFlags } from './command.ts';

/** More refs than this are only counted, unless all are asked for. */
const refsShown = 20;

export async function show(context: Context, flags: ShowFlags, typed: string): Promise<number> {
  refuseInapplicable(askedScope('showing'), context.given, askedSort(typed));
  if (isEfs(typed)) return (await import('../../efs/show.ts')).showEfs(context, flags, typed);
  const { vault, output } = context;
  await requireVault(vault);
  const catalogue = new Catalogue(vault);
  const item = await findItem(catalogue, typed);
  const chosen = findSnapshot(item, flags.snapshot);
  const rows: string[][] = [];
  const notes: string[] = [];
  for (const entry of item.snapshots) {
    const { manifest } = await catalogue.manifest(entry.item, entry.snapshot);
    const bytes = manifest.data.reduce((sum, data) => sum + data.bytes, 0);
    output.event('snapshot', { ...manifest, git: undefined, bytes, checked: entry.checked });
    const builds =
      manifest.chain.length === 0 || manifest.kind === 'unchanged'
        ? ''
        : `on ${count(manifest.chain.length, 'earlier one')}`;
    const equal = manifest.kind === 'unchanged' ? `since ${manifest.parent?.snapshot ?? ''}` : builds;
    rows.push([entry.snapshot, manifest.kind, formatBytes(bytes), entry.checked ?? '', equal]);
    notes.push(...manifest.warnings.map((warning) => `${entry.snapshot}: ${warning}`));
  }
  output.line(output.paint('bold', item.address));
  for (const line of table(rows)) output.result(`  ${line}`);
  for (const note of notes) output.line(`  ${output.paint('yellow', 'note')}  ${note}`);

  const snapshot = await catalogue.snapshot(chosen.item, chosen.snapshot);
  output.line();
  if (snapshot.content.git) showRefs(output, snapshot, flags);
  else showAssets(output, snapshot);
  for (const { what, why } of snapshot.manifest.omitted) output.line(`  without ${what}: ${why}`);
  return exitCode.well;
}

function showRefs(output: Output, { manifest, content }: Snapshot, flags: ShowFlags): void {
  const refs = Object.entries(content.git?.refs ?? {});
  output.event('refs', { snapshot: manifest.snapshot, head: content.git?.head, refs: content.git?.refs });
  output.line(`${count(refs.length, 'ref')} in ${manifest.snapshot}; HEAD ${describeHead(content.git?.head)}`);
  const shown = flags.refs ? refs : refs.slice(0, refsShown);
  for (const [name, oid] of shown) output.result(`  ${oid}  ${name}`);
  if (shown.length < refs.length) output.line(`  and ${refs.length - shown.length} more; --refs shows all`);
}

function showAssets(output: Output, { manifest, content }: Snapshot): void {
  const assets = [...content.chain, ...content.data].flatMap((data) =>
    data.format === 'asset' ? [{ name: data.name, bytes: data.bytes, sha256: data.sha256 }] : [],
  );
  output.event('assets', { snapshot: manifest.snapshot, assets });
  output.line(`${count(assets.length, 'asset')} in ${manifest.snapshot}`);
  for (const { name, bytes, sha256 } of assets) output.result(`  ${sha256}  ${formatBytes(bytes)}  ${name}`);
}

function describeHead(head: { type: string; ref?: string; oid?: string } | undefined): string {
  if (head?.ref !== undefined)
    return head.type === 'unborn' ? `at ${head.ref}, which has no commit yet` : `at ${head.ref}`;
  return head?.oid === undefined ? 'unknown' : `at commit ${head.oid}`;
}
