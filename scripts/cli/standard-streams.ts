import { systemCode } from '#core/runtime/errors.ts';
import type { Output } from './output.ts';

/** Why standard output cannot be written any more: the reader has gone, or something that people must know. */
type Loss = { kind: 'closed' } | { kind: 'failed'; error: Error };

let loss: Loss | undefined;
let onLoss: () => void = () => undefined;
let outliving = false;

/**
 * Lets the program continue when its output is no longer read (`| head`) or it cannot be written (a full disk):
 * without a listener Node would end it in the middle of whatever it does. Process-wide, as the streams are.
 */
export function outliveStandardStreams(): void {
  if (outliving) return;
  outliving = true;
  process.stdout.on('error', (error: Error) => {
    if (loss) return;
    // EIO: the terminal was closed.
    const closed = ['EPIPE', 'EIO', 'ECONNRESET'].includes(systemCode(error) ?? '');
    loss = closed ? { kind: 'closed' } : { kind: 'failed', error };
    onLoss();
  });
  // Of standard error there is nowhere left to tell.
  process.stderr.on('error', () => undefined);
}

/** Resolves once standard output cannot be written any more. */
export function outputLost(): Promise<void> {
  return new Promise((resolve) => {
    onLoss = resolve;
    if (loss) resolve();
  });
}

/** Resolves once it is known whether what was printed so far was written: a stream tells of a failure only afterwards. */
export function outputTried(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Says on standard error that the output is not whole; that the reader has gone needs no mention.
 * @returns whether it said so
 */
export function tellLoss(output: Output): boolean {
  if (loss?.kind !== 'failed') return false;
  output.complain(`the output cannot be written: ${loss.error.message}`);
  return true;
}
