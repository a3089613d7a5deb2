import { openVault } from '#core/vault/storage/open-vault.ts';
import type { Context } from '../context.ts';
import { openGitHub, type GitHubFlags } from '../open-github.ts';
import { backUp, type BackupFlags } from './backup.ts';

export interface BackupGitHubFlags extends BackupFlags, GitHubFlags {
  vault?: string;
  acceptShrinkage: boolean;
}

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
