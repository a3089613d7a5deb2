import { findLeftovers } from '#core/recovery/leftovers.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-codes.ts';
import { count, formatBytes } from '../format.ts';

export interface PruneFlags {
  leftoversOlderThan: number;
  dryRun: boolean;
}

const dayMs = 86_400_000;

/** Removes what belongs to no snapshot. */
export async function prune({ vault, output }: Context, flags: PruneFlags): Promise<number> {
  const leftovers = await findLeftovers(vault, new Date(Date.now() - flags.leftoversOlderThan * dayMs));
  for (const { key, bytes } of leftovers) {
    if (!flags.dryRun) await vault.remove(key);
    output.event(flags.dryRun ? 'would-remove' : 'removed', { key, bytes });
    output.result(`${flags.dryRun ? 'would remove' : 'removed'}  ${key}  ${formatBytes(bytes)}`);
  }
  const bytes = leftovers.reduce((sum, object) => sum + object.bytes, 0);
  output.line(
    `${count(leftovers.length, 'leftover')}, ${formatBytes(bytes)}${flags.dryRun ? '; nothing was removed' : ''}`,
  );
  return exitCode.well;
}
