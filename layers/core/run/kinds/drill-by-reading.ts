import { throwIfInterrupted } from '#core/runtime/errors.ts';
import type { DataObject } from '#core/vault/manifest.ts';
import type { DrillRequest, Proof } from './kind.ts';

/**
 * Drills what is restored byte by byte, so that reading it proves it.
 * @param unit what each object is, in the singular
 * @param prove reads one whole, and tells how many of its bytes it has read so far
 */
export async function drillByReading<One extends DataObject>(
  objects: readonly One[],
  unit: string,
  prove: (object: One, count: (bytes: number) => void) => Promise<void>,
  { signal, onProgress, onPhase, onTotal }: DrillRequest,
  proof: Proof,
): Promise<void> {
  onTotal?.(objects.reduce((sum, { bytes }) => sum + bytes, 0));
  onPhase?.('reading');
  let proven = 0;
  proof.proven[unit] = proven;
  for (const object of objects) {
    const before = proof.bytes;
    await prove(object, (bytes) => {
      throwIfInterrupted(signal);
      proof.bytes = before + bytes;
      onProgress?.(proof.bytes);
    });
    proof.proven[unit] = ++proven;
  }
}
