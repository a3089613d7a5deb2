import type { Lineage } from '#core/vault/catalogue.ts';
import { drillTime } from '#core/vault/checks.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** How long an item takes to restore at least, in milliseconds. */
export interface RestoreTime {
  milliseconds: number;
  /** Whether a drill of its own says so; else it is reckoned by the bytes, at the pace of all drills. */
  drilled: boolean;
}

/** What no drill has shown: what a small disk does. In bytes a millisecond. */
const usualPace = 15_000;
/** What reading a manifest and opening its data takes, in milliseconds. */
const leastMs = 500;

/**
 * How long each item takes to restore, from what drills of its newest snapshot that was drilled took. A drill reads and
 * proves all that a restore reads; what the target takes comes on top.
 */
export async function restoreTimes(vault: Vault, lineages: AsyncIterable<Lineage>): Promise<Map<string, RestoreTime>> {
  const times = new Map<string, RestoreTime>();
  let bytes = 0;
  let milliseconds = 0;
  const undrilled = new Map<string, number>();
  for await (const { address, snapshots } of lineages) {
    const drilled = snapshots.findLast(({ checked }) => checked === 'intact');
    const time = drilled && (await drillTime(vault, drilled));
    if (!time) {
      undrilled.set(
        address,
        snapshots.flatMap(({ objects }) => objects).reduce((sum, object) => sum + object.bytes, 0),
      );
      continue;
    }
    bytes += time.bytes;
    milliseconds += time.milliseconds;
    times.set(address, { milliseconds: time.milliseconds, drilled: true });
  }
  const pace = bytes > 1_000_000 && milliseconds > 0 ? bytes / milliseconds : usualPace;
  for (const [address, size] of undrilled)
    times.set(address, { milliseconds: Math.round(leastMs + size / pace), drilled: false });
  return times;
}
