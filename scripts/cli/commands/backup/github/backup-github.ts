import { openVault } from '#core/vault/storage/open-vault.ts';
import type { Context } from '../../../context.ts';
import { openGitHub } from '../../../open-github.ts';
import { backUp } from '../back-up.ts';
import type { BackupGitHubFlags } from './command.ts';

export async function backupGitHub(context: Context, flags: BackupGitHubFlags, owner?: string): Promise<number> {
  const github = await openGitHub(context, flags, owner);
  try {
    const { environment } = context;
    const fromSecret = flags.vault === undefined && environment.vault === undefined ? github.vault : undefined;
    const vault = fromSecret === undefined ? context.vault : await openVault(fromSecret);
    return await backUp({ ...context, vault }, flags, github.source, github.options);
  } finally {
    github.close();
  }
}
