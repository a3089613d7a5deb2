import { hasCode, HoldfastError } from '#core/runtime/errors.ts';
import { version } from '#core/runtime/version.ts';
import { isListed } from './is-listed.ts';
import type { Source } from './layout.ts';
import { restoreGuide } from './restore-guide.ts';
import type { Vault } from './storage/vault.ts';

/** Says that this is a vault, and of which format. Written once; vaults of earlier versions have none. */
export const signKey = 'holdfast-vault.json';

/** Says how to restore from the vault, with Holdfast and without. Written once. */
export const guideKey = 'RESTORE.md';

/**
 * Writes what says that this is a vault, where it is not written yet: one question for each run. Who may not write it
 * has a vault nevertheless.
 * @returns why it could not be written, for people
 */
export async function signVault(vault: Vault): Promise<string[]> {
  try {
    if (await isListed(vault, signKey)) return [];
    const sign = { format: 1, kind: 'holdfast-vault', guide: guideKey, tool: { name: 'holdfast', version } };
    await createOnce(vault, guideKey, restoreGuide);
    await createOnce(vault, signKey, `${JSON.stringify(sign, null, 2)}\n`);
    return [];
  } catch (error) {
    if (!hasCode(error, 'AccessDenied')) throw error;
    return [`${guideKey} could not be written to the vault: ${error.message}`];
  }
}

/** Whether there is a vault: its sign, or what vaults without one hold. @param sources that may have items in it */
export async function isVault(vault: Vault, sources: readonly Source[]): Promise<boolean> {
  if (await isListed(vault, signKey)) return true;
  if ((await holds(vault, 'runs/')) || (await holds(vault, 'index/'))) return true;
  for (const source of sources) if ((await holds(vault, `${source}/`)) && !(await isAround(vault, source))) return true;
  return false;
}

/** Whether a folder that is called like a source is a vault itself. */
async function isAround(vault: Vault, folder: string): Promise<boolean> {
  if (await isListed(vault, `${folder}/${signKey}`)) return true;
  for await (const { key } of vault.list(`${folder}/runs/`)) return /\/(inventory|report)\.json$/.test(key);
  return false;
}

async function holds(vault: Vault, prefix: string): Promise<boolean> {
  for await (const _ of vault.list(prefix)) return true;
  return false;
}

async function createOnce(vault: Vault, key: string, text: string): Promise<void> {
  try {
    await vault.create(key, Buffer.from(text));
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== 'AlreadyExists') throw error;
  }
}
