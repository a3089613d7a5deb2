import type { Outcome } from '#core/backup/outcome.ts';
import { count, formatBytes } from './format.ts';
import type { Output } from './output.ts';

/** Says what became of one item of a run. */
export function tellOutcome(output: Output, outcome: Outcome): void {
  output.event('item', outcome);
  const { name } = outcome.item;
  switch (outcome.outcome) {
    case 'stored':
      output.line(
        `${output.paint('green', 'stored   ')}  ${name}  ${outcome.kind}, ${formatBytes(outcome.bytes)}, ${count(outcome.refs, 'ref')}`,
      );
      break;
    case 'unchanged':
      output.line(`${output.paint('dim', 'unchanged')}  ${name}  since ${outcome.since}`);
      break;
    case 'skipped':
      output.line(`${output.paint('dim', 'skipped  ')}  ${name}  ${outcome.reason}`);
      return;
    case 'failed':
      output.result(`${output.paint('red', 'failed   ')}  ${name}  ${outcome.code}: ${outcome.message}`);
      if (outcome.advice !== undefined) output.result(`             ${outcome.advice}`);
      return;
  }
  for (const warning of outcome.warnings) output.line(`  ${output.paint('yellow', 'note')}  ${name}: ${warning}`);
}
