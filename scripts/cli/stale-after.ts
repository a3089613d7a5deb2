import { Option } from '@commander-js/extra-typings';
import { wholeNumber } from './option-values.ts';

/** Of the verbs that say which items are no longer backed up. */
export function staleAfter() {
  return new Option('--stale-after <hours>', 'call an item stale if its newest snapshot is older than this')
    .argParser(wholeNumber)
    .default(48);
}

/** The time before which a newest snapshot makes its item stale, in milliseconds. @param hours as `--stale-after` */
export function staleBefore(now: number, hours: number): number {
  return now - hours * 3_600_000;
}
