import { HoldfastError } from '#core/runtime/errors.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';
import type { Context } from '../../../context.ts';
import { openGitHub } from '../../../open-github.ts';
import { backUp } from '../back-up.ts';
import type { BackupGitHubFlags } from './options.ts';

export async function backupGitHub(context: Context, flags: BackupGitHubFlags, owner?: string): Promise<number> {
  const repository = /^(?:https?:\/\/[^/]+\/)?([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/.exec(owner ?? '');
  if (repository) {
    const [, account = '', name = ''] = repository;
    throw new HoldfastError('Usage', `${JSON.stringify(owner)} names a repository, not a user or an organisation`, {
      advice: `For this one alone: holdfast backup github ${account} --include ${account}/${name}`,
    });
  }
  const [, page] = /^https?:\/\/[^/]+\/([\w.-]+)\/?$/.exec(owner ?? '') ?? [];
  if (page !== undefined)
    throw new HoldfastError(
      'Usage',
      `${JSON.stringify(owner)} is an address, not the name of a user or an organisation`,
      {
        advice: `Give the name alone: holdfast backup github ${page}; for GitHub Enterprise with --api-url.`,
      },
    );
  const github = await openGitHub(context, flags, owner);
  try {
    const { environment } = context;
    const fromSecret = flags.vault === undefined && environment.vault === undefined ? github.vault : undefined;
    const vault = fromSecret === undefined ? context.vault : await openVault(fromSecret);
    if (!github.hasToken)
      context.output.line(
        `${context.output.paint('yellow', 'note')}  there is no token, so private repositories are not listed: set GITHUB_TOKEN, log in with gh, or give --token-file or --secret`,
      );
    return await backUp({ ...context, vault }, flags, github.source, github.options);
  } finally {
    github.close();
  }
}
