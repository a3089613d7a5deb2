import { HoldfastError } from '#core/runtime/errors.ts';

/** The beginning of a day in UTC. @throws {HoldfastError} Usage @param option by which it was given */
export function parseDay(text: string, option: string): Date {
  const day = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : NaN);
  if (Number.isNaN(day.getTime()))
    throw new HoldfastError('Usage', `${option} ${JSON.stringify(text)} is not a day`, {
      advice: 'Write it as 2026-01-31.',
    });
  return day;
}
