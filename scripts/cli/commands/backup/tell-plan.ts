import { kindOf } from '#core/run/kinds/table.ts';
import { planRun, type PlanRequest } from '#core/run/plan-run.ts';
import { addressOfItem } from '#core/vault/layout.ts';
import type { Planned } from '#core/vault/planned.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count } from '../../format.ts';
import { kindsOnCommandLine } from '../../kinds/table.ts';
import type { Output } from '../../output.ts';
import type { BackupPlanEvent } from './events.ts';

/** What `--dry-run` says: what a backup would take, and why. */
export async function tellPlan(
  { vault, output, signal }: Context,
  request: Pick<PlanRequest, 'source' | 'options' | 'largestShrinkage' | 'concurrency'>,
): Promise<number> {
  let progress = output.progress(0);
  try {
    const { items, warnings } = await planRun({
      ...request,
      vault,
      signal,
      onInventory: (selected) => (progress = output.progress(selected)),
      onPlanned: ({ item, plan }) => {
        if (plan !== 'skipped') progress.finish(item.name);
      },
    });
    progress.stop();
    for (const planned of items) {
      output.event<BackupPlanEvent>({ event: 'would-back-up', address: addressOfItem(planned.item), ...planned });
      tellItem(output, planned);
    }
    for (const warning of warnings) output.line(`${output.paint('yellow', 'note')}  ${warning}`);
    const number = (...plans: Planned['plan'][]): number => items.filter(({ plan }) => plans.includes(plan)).length;
    const counts = {
      listed: items.length,
      stored: number('full', 'incremental', 'empty', 'stored'),
      unchanged: number('unchanged'),
      skipped: number('skipped'),
      failed: number('failed'),
    };
    output.event<BackupPlanEvent>({ event: 'plan', ...counts, warnings });
    const unread = items.some(
      (one) => one.plan === 'incremental' && kindsOnCommandLine[kindOf(one.item)].changesUnread,
    );
    output.line(
      `${count(counts.listed, 'item')} listed: ${unread ? 'up to ' : ''}${counts.stored} to store, ${counts.unchanged} unchanged, ${counts.skipped} skipped, ${counts.failed} would fail; nothing was written`,
    );
    if (counts.failed === 0) return exitCode.well;
    return counts.stored + counts.unchanged > 0 ? exitCode.partial : exitCode.failed;
  } finally {
    progress.stop();
    request.source.close();
  }
}

function tellItem(output: Output, planned: Planned): void {
  const { name } = planned.item;
  switch (planned.plan) {
    case 'skipped':
      output.line(`${output.paint('dim', 'would skip  ')}  ${name}  ${planned.why}`);
      break;
    case 'failed':
      output.result(`${output.paint('red', 'would fail  ')}  ${name}  ${planned.code}: ${planned.message}`);
      if (planned.advice !== undefined) output.result(`                ${planned.advice}`);
      break;
    case 'unchanged':
      output.line(`${output.paint('dim', 'unchanged   ')}  ${name}  ${detail(planned)}`.trimEnd());
      break;
    default:
      output.result(`${output.paint('green', 'would store ')}  ${name}  ${detail(planned)}`.trimEnd());
  }
}

function detail(planned: Exclude<Planned, { plan: 'skipped' | 'failed' }>): string {
  if ('versions' in planned) return `${planned.versions.stored} of ${count(planned.versions.listed, 'version')}`;
  if (!('why' in planned)) return '';
  const refs = planned.refs === undefined ? [] : [count(planned.refs, 'ref')];
  const kind = planned.plan === 'unchanged' ? [] : [planned.plan, ...refs];
  return [...kind, ...(planned.why === undefined ? [] : [planned.why])].join(', ');
}
