import { adviceOnRefusal } from '#core/git/push.ts';
import type { Output } from './output.ts';

/** Where refs were refused: what the target said during the push, as git shows it, and what to do. */
export function tellWhatWasSaid(output: Output, said: readonly string[]): void {
  for (const line of said) output.result(`${output.paint('yellow', 'remote:')}  ${line}`);
  const advice = adviceOnRefusal(said);
  if (advice !== undefined) output.result(advice);
}
