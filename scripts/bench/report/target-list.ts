import type { Target } from './targets.ts';
import { table } from './table.ts';

/** The claims with what was measured, one a line. */
export function targetList(targets: readonly Target[]): string {
  const missed = targets.filter((target) => !target.met).length;
  const rows = targets.map(({ claim, measured, met }) => [met ? 'met   ' : 'MISSED', claim, measured]);
  const lines = table(rows.map(([met = '', claim = '', measured = '']) => [`${met}  ${claim}`, measured]));
  return `Targets: ${targets.length - missed} met, ${missed} missed\n${lines}`;
}
