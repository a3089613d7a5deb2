import type { KindName } from '../source.ts';
import type { SourceDefinition } from '../definition.ts';
import { placeBelowAccount } from './accounts/account-item.ts';
import { code } from './datasets/code.ts';
import { accountDatasets, datasets, repositoryDatasets } from './datasets/table.ts';

/** GitHub, at github.com or as GitHub Enterprise. */
export const gitHubDefinition: SourceDefinition = {
  name: 'github',
  label: 'GitHub',
  kinds: [...new Set(datasets.map(({ kind }) => kind))],
  kindOf,
  deployed: {
    preload: () =>
      Promise.all([
        import('@aws-sdk/client-secrets-manager'),
        import('@octokit/rest'),
        import('bottleneck'),
        import('./deployed.ts'),
      ]),
    secret: {
      ownKeys: ['TOKEN_GITHUB', 'GITHUB_APP_ID'],
      check: async (text, name) => {
        (await import('./secret.ts')).parseGitHubSecret(text, name);
      },
    },
    open: async (request) => (await import('./deployed.ts')).openDeployedGitHub(request),
  },
};

function kindOf(path: readonly string[]): KindName {
  const below = placeBelowAccount(path);
  // A gist is a Git repository; what is said about gists is records.
  if (below) return below.gist === undefined ? kindAmong(accountDatasets, below.dataset) : code.kind;
  return kindAmong(repositoryDatasets, path[2] ?? code.name);
}

function kindAmong(all: readonly { name: string; kind: KindName }[], name: string): KindName {
  return all.find((one) => one.name === name)?.kind ?? code.kind;
}
