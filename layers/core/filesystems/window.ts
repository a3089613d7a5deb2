import { HoldfastError } from '#core/runtime/errors.ts';

/**
 * So long before its window ends a task stops by itself, in milliseconds: enough to end its processes and to store what
 * it has to say. The orchestrator asks for the stop earlier; this is for when it does not.
 */
export const stopMarginMs = 5 * 60_000;

/** The longest that a timer of Node can wait. */
const longestTimerMs = 2 ** 31 - 1;

/** Runs a task with a signal that fires when a stop is requested, or shortly before the window ends. */
export async function withinWindow<T>(
  windowEnds: string,
  stop: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const left = Date.parse(windowEnds) - stopMarginMs - Date.now();
  const end = (): void =>
    ended.abort(
      new HoldfastError('Interrupted', `the window ends at ${windowEnds}`, {
        advice: 'The next run continues from here. If it never finishes, make the window longer.',
      }),
    );
  if (left <= 0) end();
  const timer = setTimeout(end, Math.max(0, Math.min(left, longestTimerMs)));
  try {
    return await task(AbortSignal.any([stop, ended.signal]));
  } finally {
    clearTimeout(timer);
  }
}
