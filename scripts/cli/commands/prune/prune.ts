import { parse } from '#core/runtime/schema.ts';
import { addressOf, sources } from '#core/vault/layout.ts';
import { findLeftovers } from '#core/vault/leftovers.ts';
import { retentionPolicySchema, type RetentionPolicy } from '#core/vault/retention-policy.ts';
import { applyRetention } from '#core/vault/retention.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count, formatBytes } from '../../format.ts';
import type { PruneFlags } from './command.ts';

const dayMs = 86_400_000;

/** Removes what belongs to no snapshot, and, where a policy is given, the snapshots that it no longer keeps. */
export async function prune(context: Context, flags: PruneFlags): Promise<number> {
  const { output, onStop } = context;
  onStop(
    () =>
      'What was removed is listed above; every snapshot that remains is whole. Run the same command again to go on.',
  );
  const policy = policyOf(flags);
  await requireVault(context.vault);
  const { removed, spared } = policy ? await pruneSnapshots(context, policy, flags) : { removed: 0, spared: 0 };
  const leftovers = await pruneLeftovers(context, flags);
  const nothing = flags.dryRun ? '; nothing was removed' : '';
  output.event('total', { removed, leftovers, spared, dryRun: flags.dryRun });
  output.line(`${count(removed, 'snapshot')} and ${count(leftovers, 'leftover')}${nothing}`);
  return spared > 0 ? exitCode.damage : exitCode.well;
}

/** Undefined where nothing was said of what to keep: then everything is. */
function policyOf(flags: PruneFlags): RetentionPolicy | undefined {
  const given = {
    keepLast: flags.keepLast,
    days: flags.keepDays,
    daily: flags.keepDaily,
    weekly: flags.keepWeekly,
    monthly: flags.keepMonthly,
    yearly: flags.keepYearly,
    keepVerified: flags.keepVerified,
  };
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  if (said.length === 0) return undefined;
  // Who says how much to keep in another way does not also mean five years of everything.
  return parse(retentionPolicySchema, { days: 0, ...Object.fromEntries(said) }, 'the policy', 'Usage');
}

async function pruneSnapshots(
  { vault, output, signal }: Context,
  policy: RetentionPolicy,
  { dryRun, leftoversOlderThan }: PruneFlags,
): Promise<{ removed: number; spared: number }> {
  const total = { removed: 0, spared: 0 };
  const deadAfterMs = leftoversOlderThan * dayMs;
  for (const source of sources) {
    const { removed, spared } = await applyRetention(vault, {
      source,
      policy,
      now: new Date(),
      dryRun,
      deadAfterMs,
      signal,
      onRemoved: ({ item, snapshot, bytes }) => {
        output.event(dryRun ? 'would-remove' : 'removed', { item, snapshot, bytes });
        output.result(`${dryRun ? 'would remove' : 'removed'}  ${addressOf(item)} ${snapshot}  ${formatBytes(bytes)}`);
      },
      onSpared: ({ item, why }) => {
        output.event('spared', { item, why });
        output.result(`${output.paint('yellow', 'spared')}  ${item}: ${why}`);
      },
      onBusy: ({ item, why }) => {
        output.event('busy', { item, why });
        output.result(
          `${output.paint('yellow', 'busy')}  ${item}: ${why}; prune again later, or with --leftovers-older-than 0 where no backup is at work`,
        );
      },
    });
    total.removed += removed;
    total.spared += spared;
  }
  return total;
}

async function pruneLeftovers({ vault, output }: Context, flags: PruneFlags): Promise<number> {
  const before = new Date(Date.now() - flags.leftoversOlderThan * dayMs);
  const verb = flags.dryRun ? 'would remove' : 'removed';
  let number = 0;
  const tell = (name: string, size: string): void => {
    number++;
    output.event(flags.dryRun ? 'would-remove' : 'removed', { key: name });
    output.result(`${verb}  ${name}  ${size}`.trimEnd());
  };
  for (const { key, bytes } of await findLeftovers(vault, before)) {
    if (!flags.dryRun) await vault.remove(key);
    tell(key, formatBytes(bytes));
  }
  for await (const { name, since, remove } of vault.unfinished()) {
    if (since >= before) continue;
    if (!flags.dryRun) await remove();
    tell(name, '');
  }
  return number;
}
