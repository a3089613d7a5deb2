import type { SourceDefinition } from '../definition.ts';
import { code } from './datasets/code.ts';
import { datasets } from './datasets/table.ts';

/** GitHub, at github.com or as GitHub Enterprise. */
export const gitHubDefinition: SourceDefinition = {
  name: 'github',
  label: 'GitHub',
  kinds: [...new Set(datasets.map(({ kind }) => kind))],
  kindOf: ([, , dataset = code.name]) => datasets.find(({ name }) => name === dataset)?.kind ?? code.kind,
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
