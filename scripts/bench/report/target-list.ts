import type { Target } from './target.ts';

/** The claims with what was measured, one a line. */
export function targetList(targets: readonly Target[]): string {
  const missed = targets.filter((target) => !target.met).length;
  const width = Math.max(0, ...targets.map(({ claim }) => claim.length));
  const lines = targets.map(
    ({ claim, measured, met }) => `${met ? 'met   ' : 'MISSED'}  ${claim.padEnd(width)}  ${measured}`,
  );
  return [`Targets: ${targets.length - missed} met, ${missed} missed`, ...lines].join('\n');
}
