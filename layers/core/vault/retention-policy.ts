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

/** Which snapshots the policy keeps for their own sake: their keys, and of each the rules that keep it, for people. */
export function keptByPolicy(
  snapshots: readonly DatedSnapshot[],
  policy: RetentionPolicy,
  now: Date,
): Map<string, string[]> {
  const newestFirst = snapshots.toSorted((a, b) => b.time.getTime() - a.time.getTime() || (a.key < b.key ? 1 : -1));
  const oldest = now.getTime() - policy.days * dayMs - clockSkewMs;
  const kept = new Map<string, string[]>();
  const keep = (rule: string, those: readonly DatedSnapshot[]): void => {
    for (const { key } of those) kept.set(key, [...(kept.get(key) ?? []), rule]);
  };
  keep(`newest ${policy.keepLast}`, newestFirst.slice(0, policy.keepLast));
  if (policy.days > 0) {
    const young = newestFirst.filter(({ time, agesFrom = time }) => agesFrom.getTime() >= oldest);
    keep(`younger than ${policy.days} days`, young);
  }
  keep('proven', newestFirst.filter(({ verified }) => verified).slice(0, policy.keepVerified));
  const periods: [name: string, number: number, periodOf: (time: Date) => string][] = [
    ['day', policy.daily, (time) => time.toISOString().slice(0, 10)],
    ['week', policy.weekly, isoWeek],
    ['month', policy.monthly, (time) => time.toISOString().slice(0, 7)],
    ['year', policy.yearly, (time) => time.toISOString().slice(0, 4)],
  ];
  for (const [name, number, periodOf] of periods)
    for (const [period, newest] of newestOfEach(newestFirst, number, periodOf)) keep(`${name} ${period}`, [newest]);
  return kept;
}

function newestOfEach(
  newestFirst: readonly DatedSnapshot[],
  periods: number,
  periodOf: (time: Date) => string,
): Map<string, DatedSnapshot> {
  const newest = new Map<string, DatedSnapshot>();
  for (const snapshot of newestFirst) {
    const period = periodOf(snapshot.time);
    if (newest.has(period)) continue;
    if (newest.size >= periods) break;
    newest.set(period, snapshot);
  }
  return newest;
}

/** The year and number of the week, which is that of its Thursday (ISO 8601). */
function isoWeek(time: Date): string {
  const thursday = new Date(time);
  thursday.setUTCDate(time.getUTCDate() + 4 - (time.getUTCDay() || 7));
  const year = thursday.getUTCFullYear();
  const week = Math.ceil(((thursday.getTime() - Date.UTC(year, 0, 1)) / dayMs + 1) / 7);
  return `${year}-W${week}`;
}
