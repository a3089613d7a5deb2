import { HoldfastError } from '#core/runtime/errors.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** For checks: that nothing was checked must not read as if all were well. */
export function nothingTo(act: 'verify' | 'drill', { location }: Vault): HoldfastError {
  return new HoldfastError('NotFound', `${location} holds no snapshot to ${act}`, {
    advice: 'Back something up first: holdfast backup git <url or folder>. Reports of runs say what failed.',
  });
}
