import type { RestoreAllEvent } from '../commands/restore/events.ts';
import { count, formatBytes, formatDuration } from '../format.ts';
import type { Output } from '../output.ts';
import type { Foreseen, KindPlan, Planned, Result } from './plan.ts';
import type { Totals } from './totals.ts';

interface Told {
  planned: readonly Planned[];
  left: readonly Result[];
  plans: readonly KindPlan[];
  /** Nothing follows the plan, so all of it is shown. */
  dryRun: boolean;
  until: string | undefined;
}

/** More are only counted. */
const differencesShown = 20;

const words: Record<Foreseen, string> = {
  made: 'would make',
  content: 'would fill',
  there: 'already there',
  fails: 'would fail',
  'left-out': 'left out',
};

/** Says what will be made, in order, how long it takes, what cannot come back, and what the credential lacks. */
export function tellPlan(output: Output, { planned, left, plans, dryRun, until }: Told): void {
  const estimateMs = plans.reduce((sum, plan) => sum + plan.estimateMs, 0);
  const lacks = [...new Set(plans.flatMap((plan) => plan.lacks))];
  const notes = [...new Set(plans.flatMap((plan) => plan.notes))];
  if (dryRun) for (const one of planned) tellPlanned(output, one);
  if (dryRun) for (const one of left) tellFinished(output, one);
  const sum = sums(planned, left);
  const bytes = planned.filter(isMoving).reduce((total, one) => total + one.bytes, 0);
  output.event<RestoreAllEvent>({
    event: 'plan',
    ...sum,
    bytes,
    estimateMs,
    ...(until === undefined ? {} : { until }),
    lacks,
    notes,
  });
  for (const lack of lacks) output.result(`${output.paint('yellow', 'lacks')}  ${lack}`);
  for (const note of notes) output.line(`${output.paint('yellow', 'note')}   ${note}`);
  const said = `${sum.listed} listed = ${sum.made} to make + ${sum.content} to fill + ${sum.there} already there + ${sum.fails} that would fail + ${sum.leftOut} left out`;
  const time = sum.made + sum.content === 0 ? '' : `, about ${formatDuration(estimateMs)}`;
  output.line(`plan: ${said}; ${formatBytes(bytes)}${time}${dryRun ? '; nothing was made' : ''}`);
}

function isMoving({ foreseen }: Planned): boolean {
  return foreseen === 'made' || foreseen === 'content';
}

function sums(planned: readonly Planned[], left: readonly Result[]) {
  const of = (wanted: Foreseen): number =>
    planned.filter(({ foreseen }) => foreseen === wanted).reduce((total, { items }) => total + items, 0);
  const leftOut = of('left-out') + left.reduce((total, { items }) => total + items, 0);
  const counted = { made: of('made'), content: of('content'), there: of('there'), fails: of('fails'), leftOut };
  return { listed: Object.values(counted).reduce((total, one) => total + one, 0), ...counted };
}

function tellPlanned(output: Output, one: Planned): void {
  const { why, ...rest } = one;
  output.event<RestoreAllEvent>({ event: 'would-restore', ...rest, ...why });
  const { address, foreseen, to, bytes, items, snapshot } = one;
  const colour = foreseen === 'fails' ? 'red' : isMoving(one) ? 'green' : 'dim';
  const what = snapshot ?? count(items, 'version');
  const detail = why ? why.message : `${what}, ${formatBytes(bytes)}${to === undefined ? '' : `, to ${to}`}`;
  output.result(`${output.paint(colour, words[foreseen].padEnd(13))}  ${address}  ${detail}`);
  if (why?.advice !== undefined) output.result(`               ${why.advice}`);
  const margin = ' '.repeat(15);
  for (const text of one.makes ?? []) output.result(`${margin}${text}`);
  for (const text of one.lost ?? []) output.result(`${margin}${output.paint('yellow', 'does not come back:')} ${text}`);
}

/** Says what became of an item. */
export function tellFinished(output: Output, result: Result): void {
  output.event<RestoreAllEvent>({ event: 'item', ...result });
  const { address, outcome, items, to, code, message, advice, notes } = result;
  const many = items === 1 ? '' : `  ${count(items, 'version')}`;
  const where = to === undefined ? '' : `  to ${to}`;
  switch (outcome) {
    case 'restored':
      output.line(`${output.paint('green', 'restored     ')}  ${address}${many}${where}`);
      break;
    case 'there':
      output.line(`${output.paint('dim', 'already there')}  ${address}${many}`);
      break;
    case 'left-out':
      output.line(`${output.paint('dim', 'left out     ')}  ${address}  ${message ?? ''}`);
      if (advice !== undefined) output.line(`               ${advice}`);
      break;
    case 'failed':
      output.result(`${output.paint('red', 'failed       ')}  ${address}${many}  ${code ?? ''}: ${message ?? ''}`);
      if (advice !== undefined) output.result(`               ${advice}`);
      break;
  }
  tellComparison(output, result);
  for (const note of notes) output.line(`  ${output.paint('yellow', 'note')}  ${address}: ${note}`);
}

function tellComparison(output: Output, { compared, different = [] }: Result): void {
  if (compared === undefined) return;
  const margin = ' '.repeat(15);
  const equal = compared - new Set(different.map(({ key }) => key)).size;
  output.line(`${margin}compared: ${equal} of ${count(compared, 'record')} are as they were stored`);
  for (const { key, what } of different.slice(0, differencesShown))
    output.result(`${margin}${output.paint('red', 'differs')}  ${key}: ${what}`);
  if (different.length > differencesShown)
    output.result(`${margin}and ${different.length - differencesShown} more; --json names all`);
}

export function tellTotal(output: Output, totals: Totals, to: string, time: string): void {
  const { restored, there, failed, leftOut } = totals.counts;
  output.event<RestoreAllEvent>({ event: 'total', to, listed: totals.listed, ...totals.counts });
  output.line(
    `${totals.listed} listed = ${restored} restored + ${there} already there + ${failed} failed + ${leftOut} left out; in ${time}`,
  );
  output.line(`compared: ${restored + there} of ${restored + there + failed} at ${to} are as they were stored`);
}
