import { copyRepository } from '#core/git/copy.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import { hasCode, HoldfastError } from '#core/runtime/errors.ts';
import { isCodeCommitAddress } from '#core/sources/codecommit/addresses.ts';
import { doesNotApply } from '../../applicable.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count } from '../../format.ts';
import { openTarget, type Target } from '../../open-target.ts';
import { refSelection } from '../../ref-selection.ts';
import { tellWhatWasSaid } from '../../tell-refusal.ts';
import type { CopyFlags } from './options.ts';
import type { CopyEvent } from './events.ts';

/** Streams one repository straight into another, one way, without a vault between them. */
export async function copy(context: Context, flags: CopyFlags, address: string): Promise<number> {
  const { output, signal, given, onStop } = context;
  onStop(() => 'What the target has accepted stays there. Run the same command again to copy the rest.');
  const { dryRun } = flags;
  const atCodeCommit = isCodeCommitAddress(address) || isCodeCommitAddress(flags.to);
  if (given.has('gitEndpoint') && !atCodeCommit)
    throw doesNotApply('--git-endpoint', 'this copy', 'is for CodeCommit, and neither repository is there');
  const refs = refSelection(flags.refs);
  const from = await openTarget(context, address, flags);
  const to = await openTarget(context, flags.to, flags);
  try {
    for (const option of ['tokenFile', 'secret', 'apiUrl'])
      if (given.has(option) && !from.atGitHub && !to.atGitHub)
        throw doesNotApply(given.get(option) ?? option, 'this copy', 'is for GitHub, and neither repository is there');
    const progress = output.progress(1);
    progress.phase(address, 'waiting for the server');
    try {
      const { copied, unchanged, refused, said, kept } = await copyRepository({
        from: from.transport,
        to: to.transport,
        refs,
        force: flags.force,
        hidden: to.hidden,
        refsPerPush: to.refsPerPush,
        needsLength: to.needsLength,
        dryRun,
        signal,
        onProgress: (bytes) => progress.update(address, bytes),
        onPhase: (phase) => progress.phase(address, phase),
      }).catch((error: unknown) => {
        throw withAdvice(error, to);
      });
      progress.stop();
      const target = to.transport.address;
      output.event<CopyEvent>({
        event: dryRun ? 'would-copy' : 'copied',
        to: target,
        copied,
        unchanged,
        refused,
        said,
        kept,
      });
      if (dryRun) for (const name of copied) output.result(`would copy  ${name}`);
      output.line(
        dryRun
          ? `${count(copied.length, 'ref')} would be copied to ${target}, ${unchanged.length} unchanged; nothing was sent`
          : `${count(copied.length, 'ref')} copied to ${target}, ${unchanged.length} unchanged`,
      );
      if (kept.length > 0) output.line(`${count(kept.length, 'ref')} that the source does not have left as they were`);
      for (const { name, reason } of refused) output.result(`${output.paint('red', 'refused')}  ${name}: ${reason}`);
      if (refused.length === 0) return exitCode.well;
      tellWhatWasSaid(output, said);
      return copied.length + unchanged.length > 0 ? exitCode.partial : exitCode.failed;
    } finally {
      progress.stop();
    }
  } finally {
    from.close();
    to.close();
  }
}

/** A copy does not create its target, as a restore into a folder does. */
function withAdvice(error: unknown, { transport }: Target): unknown {
  if (!hasCode(error, 'SourceMissing') || !(transport instanceof LocalTransport)) return error;
  if (!error.message.startsWith(`${transport.address} `)) return error;
  return new HoldfastError(error.code, error.message, {
    cause: error,
    advice: `A copy needs a repository to copy into: git init --bare ${JSON.stringify(transport.address)}`,
  });
}
