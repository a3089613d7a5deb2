import { InvalidArgumentError } from 'commander';
import { snapshotIdOf, type SnapshotId } from '#core/vault/snapshot-id.ts';

const form = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d{1,3}))?)?)?Z?)?)?)?$/;

/**
 * The last moment that a time stands for, in UTC, as the id of a snapshot taken then: `2026-03` is the end of March,
 * `2026-03-15` that of the day, `2026-03-15T12:30` that of the minute. Ids of snapshots are such times, too.
 * @throws {InvalidArgumentError}
 */
export function endOfTime(text: string): SnapshotId {
  const [, year, month, day, hour, minute, second, millisecond] = form.exec(text) ?? [];
  const given = [year, month, day, hour, minute, second].filter((part) => part !== undefined).map(Number);
  const start = given.map((part, at) => (at === 1 ? part - 1 : part));
  const exact = millisecond === undefined ? undefined : Number(millisecond.padEnd(3, '0'));
  const from = dateOf(start, exact ?? 0);
  // JavaScript takes the 30th of February for the 2nd of March.
  const found = [from.getUTCFullYear(), from.getUTCMonth() + 1, from.getUTCDate(), from.getUTCHours()];
  if (
    given.length === 0 ||
    given.slice(0, 4).some((part, at) => part !== found[at]) ||
    from.getUTCMinutes() !== (given[4] ?? 0)
  )
    throw new InvalidArgumentError('It must be a time in UTC: 2026-03, 2026-03-15 or 2026-03-15T12:30.');
  if (exact !== undefined) return snapshotIdOf(from);
  const last = given.length - 1;
  const next = start.map((part, at) => (at === last ? part + 1 : part));
  return snapshotIdOf(new Date(dateOf(next, 0).getTime() - 1));
}

function dateOf(
  [year = NaN, month = 0, day = 1, hour = 0, minute = 0, second = 0]: number[],
  millisecond: number,
): Date {
  return new Date(Date.UTC(year, month, day, hour, minute, second, millisecond));
}
