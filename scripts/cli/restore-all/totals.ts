import { exitCode } from '../exit-codes.ts';
import type { Planned, Result } from './plan.ts';
import { resultOf } from './result.ts';

/** Counts what became of items, so that the report adds up. */
export class Totals {
  readonly counts = { restored: 0, there: 0, failed: 0, leftOut: 0 };
  #damaged = 0;

  add({ outcome, items, code }: Result): void {
    this.counts[outcome === 'left-out' ? 'leftOut' : outcome] += items;
    if (outcome === 'failed' && code === 'Damaged') this.#damaged += items;
  }

  get listed(): number {
    const { restored, there, failed, leftOut } = this.counts;
    return restored + there + failed + leftOut;
  }

  /** Damage outweighs the rest: what is damaged is not there at the next try either. */
  exitCode(): number {
    const { restored, there, failed } = this.counts;
    if (this.#damaged > 0) return exitCode.damage;
    if (failed === 0) return exitCode.well;
    return restored + there > 0 ? exitCode.partial : exitCode.failed;
  }

  /** What a restore by this plan would end with, were nothing to go wrong beside what is foreseen. */
  ofPlan(planned: readonly Planned[]): number {
    for (const one of planned) this.add(resultOf(one));
    return this.exitCode();
  }
}
