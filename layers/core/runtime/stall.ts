import type { Readable } from 'node:stream';
import { HoldfastError } from './errors.ts';

/**
 * Passes a stream's chunks on and fails when it keeps us waiting longer than the limit. Time that the consumer takes
 * does not count: slow storage must not look like a stalled source.
 * @param limitMs the longest wait for one chunk, in milliseconds
 * @param what the source, for the message
 * @param lastActive when the other side last did something else that we waited for, as `performance.now()` gives it
 */
export async function* failOnStall(
  source: Readable,
  limitMs: number,
  what: string,
  lastActive: () => number = () => 0,
): AsyncGenerator<Buffer> {
  let waitingSince: number | undefined = performance.now();
  // One timer for the whole stream: a timer per chunk would cost more than the chunk. It destroys the stream instead
  // of racing a promise, since a long-lived promise would keep every chunk that ever raced it.
  const timer = setInterval(
    () => {
      if (waitingSince === undefined || performance.now() - Math.max(waitingSince, lastActive()) < limitMs) return;
      source.destroy(stalled(what, limitMs));
    },
    Math.max(10, limitMs / 4),
  );
  timer.unref();
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      waitingSince = undefined;
      yield chunk;
      waitingSince = performance.now();
    }
  } finally {
    clearInterval(timer);
  }
}

export function stalled(what: string, limitMs: number): HoldfastError {
  return new HoldfastError('Stalled', `${what} sent nothing for ${limitMs / 1000} s`, {
    transient: true,
    advice: 'Check the network and the server, or allow a longer silence with --stall-seconds.',
  });
}
