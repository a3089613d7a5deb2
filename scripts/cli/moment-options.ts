import { Option } from '@commander-js/extra-typings';
import { endOfTime } from './at-time.ts';

/** Names a snapshot to look into by its id. */
export function inSnapshot() {
  return new Option(
    '--snapshot <id>',
    'in this snapshot, or the newest whose id starts with this (2026-11); without it, the newest',
  );
}

/** Names a snapshot to look into by a moment. */
export function atMoment() {
  return new Option(
    '--at <time>',
    'in the newest snapshot that is not later: 2026-03, 2026-03-14, 2026-03-14T09:30 (UTC)',
  ).argParser(endOfTime);
}

/** Names what to look into where a snapshot has branches. */
export function atRef() {
  return new Option('--ref <name>', 'at this branch, tag or commit; without it, at HEAD');
}
