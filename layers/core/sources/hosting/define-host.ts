import { isObjectsPath } from '../lfs.ts';
import type { HostDefinition } from './definition.ts';
import { tokenKey } from './token-key.ts';

/** A Git host by what is its own; what all of them have in common is added. */
export function defineHost(own: Omit<HostDefinition, 'kinds' | 'kindOf' | 'deployed'>): HostDefinition {
  const definition: HostDefinition = {
    ...own,
    kinds: ['repositories', 'lfs'],
    kindOf: (path) => (isObjectsPath(path) ? 'lfs' : 'repositories'),
    deployed: {
      preload: () =>
        Promise.all([
          import('@aws-sdk/client-secrets-manager'),
          import('bottleneck'),
          import('./deployed.ts'),
          own.load(),
        ]),
      secret: {
        ownKeys: [tokenKey(own)],
        entries: async () => (await import('./host-secret.ts')).hostEntries(definition),
        check: async (text, name) => {
          (await import('./host-secret.ts')).parseHostSecret(definition, text, name);
        },
      },
      open: async (request) => (await import('./deployed.ts')).openDeployedHost(definition, request),
    },
  };
  return definition;
}
