import { stat } from 'node:fs/promises';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Source } from '../layout.ts';
import { isVault } from '../vault-sign.ts';
import { parseVaultLocation } from './open-vault.ts';
import type { Vault } from './vault.ts';
import { vaultsNear } from './vaults-near.ts';

/**
 * Refuses to read from a place that is not a vault: an empty place read as a vault would look as if all were well, or as
 * if all were lost.
 * @param sources that may have items in it
 * @throws {HoldfastError} NotFound, naming a vault one level further down or up where there is one
 */
export async function requireVault(vault: Vault, sources: readonly Source[]): Promise<void> {
  if (await isVault(vault, sources)) return;
  const { location } = vault;
  const near = await vaultsNear(location, sources);
  const advice =
    near.length === 0
      ? 'Check --vault and HOLDFAST_VAULT. The first backup into a place makes it a vault.'
      : `There is a vault in ${near.join(', ')}: name it by --vault or HOLDFAST_VAULT.`;
  const place = parseVaultLocation(location);
  const missing = 'folder' in place && (await stat(place.folder).catch(() => undefined)) === undefined;
  throw new HoldfastError(
    'NotFound',
    missing ? `there is no folder ${location}` : `${location} does not hold a vault`,
    {
      advice,
    },
  );
}
