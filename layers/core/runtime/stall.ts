import type { Readable } from 'node:stream';
import { HoldfastError } from './errors.ts';

/**
 * Passes a stream's chunks on and fails when it keeps us waiting longer than the limit. Time that the consumer takes
 * does not count: slow storage must not look like a stalled source.
 * @param limitMs the longest wait for one chunk, in milliseconds
 * @param what the source, for the message
 * @param lastActive when the other side last did something else that we waited for, as `performance.now()` gives it
 * @param withinMs the longest that we wait for all chunks together, in milliseconds, beyond the time that so many bytes
 *   take over a slow connection: a sender of one byte now and then is never silent, and could keep us waiting all day
 */
export async function* failOnStall(
  source: Readable,
  limitMs: number,
  what: string,
  lastActive: () => number = () => 0,
  withinMs = defaultWithinMs,
): AsyncGenerator<Buffer> {
  let waiting = true;
  let since = performance.now();
  let waited = 0;
  let bytes = 0;
  // One timer for the whole stream: a timer per chunk would cost more than the chunk. It destroys the stream instead
  // of racing a promise, since a long-lived promise would keep every chunk that ever raced it.
  const timer = setInterval(
    () => {
      if (!waiting) return;
      const now = performance.now();
      if (now - Math.max(since, lastActive()) >= limitMs) source.destroy(stalled(what, limitMs));
      else if (waited + now - since > withinMs + bytes / slowestBytesPerMs)
        source.destroy(trickled(what, waited + now - since, bytes));
    },
    Math.max(10, Math.min(limitMs, withinMs) / 4),
  );
  timer.unref();
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      waiting = false;
      waited += performance.now() - since;
      bytes += chunk.length;
      yield chunk;
      since = performance.now();
      waiting = true;
    }
  } finally {
    clearInterval(timer);
  }
}

/** An hour: what the largest servers take to put a pack together before they send it. */
const defaultWithinMs = 3_600_000;

/** 16 KiB a second. */
const slowestBytesPerMs = 16.384;

function trickled(what: string, ms: number, bytes: number): HoldfastError {
  return new HoldfastError('Stalled', `${what} sent only ${bytes} bytes in ${Math.round(ms / 1000)} s`, {
    transient: true,
    advice: 'Check the network and the server.',
  });
}

export function stalled(what: string, limitMs: number): HoldfastError {
  return new HoldfastError('Stalled', `${what} sent nothing for ${limitMs / 1000} s`, {
    transient: true,
    advice: 'Check the network and the server, or allow a longer silence with --stall-seconds.',
  });
}
