import { addressOfItem } from '#core/vault/layout.ts';
import type { Outcome, PackageOutcome, Stored, Unchanged } from '#core/vault/outcome.ts';
import { count, formatBytes } from './format.ts';
import type { OutcomeEvent } from './commands/backup/events.ts';
import type { Output } from './output.ts';

/** Says what became of one item of a run. */
export function tellOutcome(output: Output, outcome: Outcome): void {
  output.event<OutcomeEvent>(eventOf(outcome));
  const { name } = outcome.item;
  if ('versions' in outcome) tellPackage(output, outcome);
  else tellItem(output, outcome);
  if (!('warnings' in outcome)) return;
  if ('incomplete' in outcome) output.result(`${output.paint('red', 'in part  ')}  ${name}  ${outcome.incomplete}`);
  for (const warning of outcome.warnings) output.line(`  ${output.paint('yellow', 'note')}  ${name}: ${warning}`);
}

/** Without its prefix: where things are in the vault is not how people name them. */
function eventOf(outcome: Outcome): OutcomeEvent {
  const address = addressOfItem(outcome.item);
  if (!('prefix' in outcome)) return { event: 'item', address, ...outcome };
  const { prefix: _, ...rest } = outcome;
  return { event: 'item', address, ...rest };
}

function tellPackage(output: Output, { outcome, item, versions, bytes }: PackageOutcome): void {
  const { listed, stored, skipped, gone } = versions;
  const more = [
    ...(skipped > 0 ? [`${skipped} left out`] : []),
    ...(gone > 0 ? [`${gone} gone from the source and kept`] : []),
  ];
  const sum =
    outcome === 'stored'
      ? `${output.paint('green', 'stored   ')}  ${item.name}  ${stored} of ${count(listed, 'version')}, ${formatBytes(bytes)}`
      : `${output.paint('dim', 'unchanged')}  ${item.name}  ${count(listed, 'version')}`;
  output.line([sum, ...more].join(', '));
}

function tellItem(output: Output, outcome: Exclude<Outcome, PackageOutcome>): void {
  const { name } = outcome.item;
  switch (outcome.outcome) {
    case 'stored':
      output.line(`${output.paint('green', 'stored   ')}  ${name}  ${contentOf(outcome)}`);
      tellMissing(output, outcome);
      break;
    case 'unchanged':
      output.line(`${output.paint('dim', 'unchanged')}  ${name}  since ${outcome.since}`);
      tellMissing(output, outcome);
      break;
    case 'skipped':
      output.line(`${output.paint('dim', 'skipped  ')}  ${name}  ${outcome.reason}`);
      break;
    case 'failed':
      output.result(`${output.paint('red', 'failed   ')}  ${name}  ${outcome.code}: ${outcome.message}`);
      if (outcome.advice !== undefined) output.result(`             ${outcome.advice}`);
      break;
  }
}

function contentOf({ kind, bytes, refs, records }: Stored): string {
  return [
    kind,
    formatBytes(bytes),
    ...(refs === undefined ? [] : [count(refs, 'ref')]),
    ...(records ? [count(records.stored, 'record')] : []),
    ...(records && records.deleted > 0 ? [`${records.deleted.toLocaleString('en')} deleted since and kept`] : []),
  ].join(', ');
}

/** What of a dataset could not be read never passes in silence. */
function tellMissing(output: Output, { item, records }: Stored | Unchanged): void {
  for (const text of records?.without ?? [])
    output.line(`  ${output.paint('yellow', 'without')}  ${item.name}: ${text}`);
}
