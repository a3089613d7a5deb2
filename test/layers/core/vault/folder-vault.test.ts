import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { FolderVault, stagingFolder } from '#core/vault/folder-vault.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { vaultContract } from './vault-contract.ts';

describe('a vault in a folder', () => {
  const temporaryFolder = useTemporaryFolders();

  vaultContract({
    blockBytes: 1 << 20,
    async open() {
      const folder = await temporaryFolder();
      return { vault: new FolderVault(folder), leftovers: () => staged(folder) };
    },
  });
});

async function staged(folder: string): Promise<string[]> {
  return readdir(path.join(folder, stagingFolder)).catch(() => []);
}
