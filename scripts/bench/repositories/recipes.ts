import type { Options } from '../options.ts';
import type { HistoryShape } from './history-shape.ts';

/** What a made repository is made of. */
export type Recipe =
  | { name: string; kind: 'history'; shape: HistoryShape }
  | { name: string; kind: 'random'; seed: string; bytes: number };

const MB = 1_000_000;

function historyOf(name: string, shape: Omit<HistoryShape, 'seed'>): Recipe {
  return { name, kind: 'history', shape: { seed: name, ...shape } };
}

/** Like express, isomorphic-git and redis in bytes, objects and refs. */
const history15 = historyOf('history-15mb', {
  changes: 6500,
  files: 850,
  linesOfFile: 165,
  linesOfChange: 31,
});
const history50 = historyOf('history-50mb', {
  changes: 8000,
  files: 3200,
  linesOfFile: 385,
  linesOfChange: 90,
});
const history300 = historyOf('history-300mb', {
  changes: 32_000,
  files: 14_000,
  linesOfFile: 560,
  linesOfChange: 138,
});
const random300: Recipe = { name: 'random-320mb', kind: 'random', seed: 'random', bytes: 320 * MB };
const random1500: Recipe = { name: 'random-1500mb', kind: 'random', seed: 'large', bytes: 1500 * MB };

/** A repository as small as most are; its copies stand for an account of many. */
export const smallRecipe = historyOf('small', { changes: 20, files: 8, linesOfFile: 60, linesOfChange: 10 });

/** What a whole account is made of: from small to large. */
export const accountRecipes: readonly Recipe[] = [
  historyOf('history-1mb', { changes: 600, files: 80, linesOfFile: 120, linesOfChange: 24 }),
  historyOf('history-5mb', { changes: 2400, files: 320, linesOfFile: 150, linesOfChange: 28 }),
  history15,
  history50,
];

export function recipesFor({ quick, large }: Pick<Options, 'quick' | 'large'>): Recipe[] {
  if (quick) return [history15];
  return [history15, history50, history300, random300, ...(large ? [random1500] : [])];
}
