import { copyRepository } from '#core/git/copy.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count } from '../../format.ts';
import { openTarget } from '../../open-target.ts';
import { refSelection } from '../../ref-selection.ts';
import type { CopyFlags } from './command.ts';

/** Streams one repository straight into another, one way, without a vault between them. */
export async function copy(context: Context, flags: CopyFlags, address: string): Promise<number> {
  const { output, signal } = context;
  const from = await openTarget(context, address, flags);
  const to = await openTarget(context, flags.to, flags);
  const progress = output.progress(1);
  try {
    const { copied, unchanged, refused, kept } = await copyRepository({
      from: from.transport,
      to: to.transport,
      refs: refSelection(flags.refs),
      force: flags.force,
      hidden: to.hidden,
      refsPerPush: to.refsPerPush,
      needsLength: to.needsLength,
      signal,
      onProgress: (bytes) => progress.update(address, bytes),
    });
    progress.stop();
    output.event('copied', { to: to.transport.address, copied, unchanged, refused, kept });
    output.line(`${count(copied.length, 'ref')} copied to ${to.transport.address}, ${unchanged.length} unchanged`);
    if (kept.length > 0) output.line(`${count(kept.length, 'ref')} that the source does not have left as they were`);
    for (const { name, reason } of refused) output.result(`${output.paint('red', 'refused')}  ${name}: ${reason}`);
    if (refused.length === 0) return exitCode.well;
    return copied.length + unchanged.length > 0 ? exitCode.partial : exitCode.failed;
  } finally {
    progress.stop();
    from.close();
    to.close();
  }
}
