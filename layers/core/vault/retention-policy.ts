import * as v from 'valibot';

const count = v.pipe(v.number(), v.safeInteger('must be a whole number'), v.minValue(0, 'must not be negative'));

/** What is kept of one item. A snapshot is removed only when none of these keeps it. */
export const retentionPolicySchema = v.strictObject({
  /** The newest, whatever their age. */
  keepLast: v.optional(v.pipe(count, v.minValue(1, 'must be at least 1: the newest snapshot is never removed')), 3),
  /** Everything younger than this many days; 0: nothing for being young. */
  days: v.optional(count, 1825),
  /** The newest snapshot of each of so many days, weeks (ISO), months and years that have any. */
  daily: v.optional(count, 0),
  weekly: v.optional(count, 0),
  monthly: v.optional(count, 0),
  yearly: v.optional(count, 0),
  /** The newest that a check has proven, so that no flood of forged snapshots can push them out. */
  keepVerified: v.optional(count, 3),
});

/** The policy as a deployment sets it. */
export const retentionSettingsSchema = v.strictObject({
  ...retentionPolicySchema.entries,
  /** Only say what would be removed. */
  dryRun: v.optional(v.boolean(), false),
});

export type RetentionPolicy = v.InferOutput<typeof retentionPolicySchema>;

/** A snapshot as the policy sees it. */
export interface DatedSnapshot {
  key: string;
  /** When it was made: what orders snapshots and sorts them into days, weeks, months and years. */
  time: Date;
  /** From when on its age counts, where that is later. */
  agesFrom?: Date;
  verified: boolean;
}

const dayMs = 86_400_000;

/**
 * A clock may be wrong by a day: ours, or that of the machine that named the snapshot. Nothing is removed early
 * because of that.
 */
const clockSkewMs = dayMs;

/** The keys of the snapshots that the policy keeps for their own sake. */
export function keptByPolicy(snapshots: readonly DatedSnapshot[], policy: RetentionPolicy, now: Date): Set<string> {
  const newestFirst = snapshots.toSorted((a, b) => b.time.getTime() - a.time.getTime() || (a.key < b.key ? 1 : -1));
  const oldest = now.getTime() - policy.days * dayMs - clockSkewMs;
  return new Set(
    [
      newestFirst.slice(0, policy.keepLast),
      policy.days === 0 ? [] : newestFirst.filter(({ time, agesFrom = time }) => agesFrom.getTime() >= oldest),
      newestFirst.filter(({ verified }) => verified).slice(0, policy.keepVerified),
      newestOfEach(newestFirst, policy.daily, (time) => time.toISOString().slice(0, 10)),
      newestOfEach(newestFirst, policy.weekly, isoWeek),
      newestOfEach(newestFirst, policy.monthly, (time) => time.toISOString().slice(0, 7)),
      newestOfEach(newestFirst, policy.yearly, (time) => time.toISOString().slice(0, 4)),
    ]
      .flat()
      .map(({ key }) => key),
  );
}

function newestOfEach(
  newestFirst: readonly DatedSnapshot[],
  periods: number,
  periodOf: (time: Date) => string,
): DatedSnapshot[] {
  const newest = new Map<string, DatedSnapshot>();
  for (const snapshot of newestFirst) {
    const period = periodOf(snapshot.time);
    if (newest.has(period)) continue;
    if (newest.size >= periods) break;
    newest.set(period, snapshot);
  }
  return [...newest.values()];
}

/** The year and number of the week, which is that of its Thursday (ISO 8601). */
function isoWeek(time: Date): string {
  const thursday = new Date(time);
  thursday.setUTCDate(time.getUTCDate() + 4 - (time.getUTCDay() || 7));
  const year = thursday.getUTCFullYear();
  const week = Math.ceil(((thursday.getTime() - Date.UTC(year, 0, 1)) / dayMs + 1) / 7);
  return `${year}-W${week}`;
}
