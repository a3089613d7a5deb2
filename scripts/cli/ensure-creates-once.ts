import { HoldfastError } from '#core/runtime/errors.ts';
import type { Context } from './context.ts';

/**
 * Refuses to write into a vault whose store would overwrite what is there, unless its owner accepts that: by an option,
 * once, which the vault then records. AWS's own S3 and folders need not be asked.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export async function ensureCreatesOnce({ vault, output }: Context, accepted: boolean): Promise<void> {
  const { store } = vault;
  if (!store || (await store.address()) === undefined) return;
  if (accepted) await store.acceptOverwrites();
  if (await store.overwritesAccepted()) {
    output.line(
      `${output.paint('yellow', 'note')}  the store of ${vault.location} overwrites what is there; each key is looked at before it is written`,
    );
    return;
  }
  if (await store.createsOnce()) return;
  throw new HoldfastError(
    'ConfigurationInvalid',
    `the store of ${vault.location} overwrites what is there: two backups at the same moment could damage each other`,
    {
      advice:
        'Use a store that honours If-None-Match: *, or accept it for this vault with --accept-overwrites, and never back up twice at once.',
    },
  );
}
