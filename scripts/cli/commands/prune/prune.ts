import { parse } from '#core/runtime/schema.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { sources } from '#core/sources/table.ts';
import { addressOf, snapshotPrefix } from '#core/vault/layout.ts';
import { findLeftovers } from '#core/vault/leftovers.ts';
import { retentionPolicySchema, type RetentionPolicy } from '#core/vault/retention-policy.ts';
import { applyRetention, type KeptSnapshot } from '#core/vault/retention.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Context } from '../../context.ts';
import { refuseFileSystem } from '../../browsing-scope.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItems, type Selected } from '../../find-item.ts';
import { count, formatBytes } from '../../format.ts';
import type { PruneFlags } from './options.ts';
import type { PruneEvent } from './events.ts';

const dayMs = 86_400_000;

/** Removes what belongs to no snapshot, and, where a policy is given, the snapshots that it no longer keeps. */
export async function prune(context: Context, flags: PruneFlags, typed?: string): Promise<number> {
  if (typed !== undefined) refuseFileSystem('prune', typed);
  const { output, onStop } = context;
  const policy = policyOf(flags);
  await requireVault(context.vault, sources);
  const asked = typed === undefined ? undefined : await findItems(new Catalogue(context.vault), typed);
  onStop(
    () =>
      'What was removed is listed above; every snapshot that remains is complete. Run the same command again to continue.',
  );
  const { removed, spared } = policy ? await pruneSnapshots(context, policy, flags, asked) : { removed: 0, spared: 0 };
  if (!policy && (flags.dryRun || flags.reasons)) output.line('every snapshot stays: no --keep-… says otherwise');
  const leftovers = await pruneLeftovers(context, flags, asked);
  const nothing = flags.dryRun ? '; nothing was removed' : '';
  output.event<PruneEvent>({ event: 'total', removed, leftovers, spared, dryRun: flags.dryRun });
  if (removed + leftovers === 0)
    output.line(
      policy && !flags.dryRun && !flags.reasons
        ? 'nothing to remove; --reasons shows why each snapshot stays'
        : 'nothing to remove',
    );
  else output.line(`${count(removed, 'snapshot')} and ${count(leftovers, 'leftover')}${nothing}`);
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
  { dryRun, reasons: withReasons, leftoversOlderThan }: PruneFlags,
  asked: Selected | undefined,
): Promise<{ removed: number; spared: number }> {
  const total = { removed: 0, spared: 0 };
  const deadAfterMs = leftoversOlderThan * dayMs;
  const tellKept = ({ item, snapshot, reasons }: KeptSnapshot): void => {
    const address = addressOf(item);
    output.event<PruneEvent>({ event: 'stays', address, snapshot, reasons });
    output.result(`stays  ${address} ${snapshot}  ${reasons.join(', ')}`);
  };
  // A path can have belonged to another item before, whose snapshots are not asked about.
  const entries = asked?.items.flatMap(({ snapshots }) => snapshots);
  const own = new Set(entries?.map(snapshotKey));
  for (const source of sources) {
    if (entries && !entries.some(({ item }) => item.startsWith(`${source}/`))) continue;
    const { removed, spared } = await applyRetention(vault, {
      source,
      policy,
      now: new Date(),
      dryRun,
      deadAfterMs,
      only: asked && ((lineage) => lineage.snapshots.some((entry) => own.has(snapshotKey(entry)))),
      signal,
      ...(dryRun || withReasons ? { onKept: tellKept } : {}),
      onRemoved: ({ item, snapshot, bytes }) => {
        const address = addressOf(item);
        const gone = { address, snapshot, bytes, reasons: ['no rule keeps it'] };
        output.event<PruneEvent>(dryRun ? { event: 'would-remove', ...gone } : { event: 'removed', ...gone });
        output.result(
          `${dryRun ? 'would remove' : 'removed'}  ${address} ${snapshot}  ${formatBytes(bytes)}, no rule keeps it`,
        );
      },
      onSpared: ({ item: address, why }) => {
        output.event<PruneEvent>({ event: 'spared', address, why });
        output.result(`${output.paint('yellow', 'spared')}  ${address}: ${why}`);
      },
      onBusy: ({ item: address, why }) => {
        output.event<PruneEvent>({ event: 'busy', address, why });
        output.result(
          `${output.paint('yellow', 'busy')}  ${address}: ${why}; prune again later, or with --leftovers-older-than 0 if no backup is running`,
        );
      },
    });
    total.removed += removed;
    total.spared += spared;
  }
  return total;
}

const snapshotKey = ({ item, snapshot }: SnapshotEntry): string => snapshotPrefix(item, snapshot);

async function pruneLeftovers(
  { vault, output }: Context,
  flags: PruneFlags,
  asked: Selected | undefined,
): Promise<number> {
  const before = new Date(Date.now() - flags.leftoversOlderThan * dayMs);
  const within = asked && [...new Set(asked.items.flatMap(({ snapshots }) => snapshots.map(({ item }) => item)))];
  const verb = flags.dryRun ? 'would remove' : 'removed';
  let number = 0;
  const tell = (name: string, size: string): void => {
    number++;
    output.event<PruneEvent>(flags.dryRun ? { event: 'would-remove', key: name } : { event: 'removed', key: name });
    output.result(`${verb}  ${name}  ${size}`.trimEnd());
  };
  for (const { key, bytes } of await findLeftovers(vault, sources, before, within)) {
    if (!flags.dryRun) await vault.remove(key);
    tell(key, formatBytes(bytes));
  }
  // Of a write that never ended it is not known to which item it belongs.
  if (within) return number;
  for await (const { name, since, remove } of vault.unfinished()) {
    if (since >= before) continue;
    if (!flags.dryRun) await remove();
    tell(name, '');
  }
  return number;
}
