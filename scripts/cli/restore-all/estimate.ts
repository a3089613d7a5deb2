import type { CreationLimits } from '#core/sources/github/github-writer.ts';

/** How long things take that were not measured yet: what `npm run bench -- --only restore` shows, rounded to the slow side. */
const bytesPerSecond = 15_000_000;
const secondsEach = 0.5;

/**
 * How long transfers take together, in milliseconds.
 * @param sizes in bytes, one for each
 */
export function transferMs(sizes: readonly number[], concurrency: number): number {
  const each = sizes.map((bytes) => secondsEach + bytes / bytesPerSecond);
  const longest = Math.max(0, ...each);
  return 1000 * Math.max(longest, each.reduce((sum, seconds) => sum + seconds, 0) / concurrency);
}

/** How long it takes to make so many things within limits, in milliseconds. */
export function creationMs(many: number, { perMinute, perHour }: CreationLimits): number {
  const hours = Math.max(0, Math.ceil(many / perHour) - 1);
  return hours * 3_600_000 + ((many - hours * perHour) / perMinute) * 60_000;
}
