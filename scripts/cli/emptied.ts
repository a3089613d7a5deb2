import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import type { Source } from '#core/vault/layout.ts';
import { missingSnapshots } from '#core/vault/missing.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { count } from './format.ts';

/**
 * The error for sources that have no snapshot although runs have stored some, which must not read as if nothing had ever
 * been backed up; undefined where that is as it should be.
 */
export async function emptied(vault: Vault, without: readonly Source[]): Promise<HoldfastError | undefined> {
  let missing = 0;
  for (const source of without) missing += (await missingSnapshots(vault, new Catalogue(vault), source)).length;
  if (missing === 0) return undefined;
  const stored = `${count(missing, 'snapshot')} that runs have stored`;
  return new HoldfastError('Damaged', `${vault.location} has lost ${stored}, and no removal is recorded`, {
    advice: 'holdfast verify names them. Where the bucket is versioned, older versions can be brought back.',
  });
}
