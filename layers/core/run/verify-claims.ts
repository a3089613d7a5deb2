import pMap from 'p-map';
import { readClaim } from '#core/packages/backup/state.ts';
import { hasCode, messageOf } from '#core/runtime/errors.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** Claims that are read at once: a bucket answers many requests as fast as one. */
const concurrency = 16;

/** What is wrong with claims: of each that is damaged, what. No snapshot depends on them, and backups pass them over. */
export async function verifyClaims(vault: Vault, keys: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  await pMap(
    keys,
    async (key) => {
      try {
        await readClaim(vault, key);
      } catch (error) {
        // One that was removed since it was listed is not damaged.
        if (hasCode(error, 'Damaged')) problems.push(messageOf(error));
        else if (!hasCode(error, 'NotFound')) throw error;
      }
    },
    { concurrency },
  );
  return problems.sort();
}
