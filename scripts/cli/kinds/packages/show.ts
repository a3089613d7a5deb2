import type { ShowFlags } from '../../commands/show/options.ts';
import type { ShowEvent } from '../../commands/show/events.ts';
import type { Context } from '../../context.ts';
import { count, formatBytes } from '../../format.ts';
import type { Shown } from '../kind.ts';
import { assetsOf } from './assets.ts';

export function showAssets({ output }: Context, _flags: ShowFlags, { snapshot }: Shown): void {
  const id = snapshot.manifest.snapshot;
  const assets = assetsOf(snapshot).map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }));
  output.event<ShowEvent>({ event: 'assets', snapshot: id, assets });
  output.line(`${count(assets.length, 'asset')} in ${id}`);
  for (const { name, bytes, sha256 } of assets) output.result(`  ${sha256}  ${formatBytes(bytes)}  ${name}`);
}
