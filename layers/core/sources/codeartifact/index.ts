import type { SourceDefinition } from '../definition.ts';

/** AWS CodeArtifact. */
export const codeArtifactDefinition: SourceDefinition = {
  name: 'codeartifact',
  label: 'CodeArtifact',
  kinds: ['packages'],
  kindOf: () => 'packages',
  deployed: {
    preload: () => Promise.all([import('@aws-sdk/client-codeartifact'), import('bottleneck'), import('./deployed.ts')]),
    open: async (request) => (await import('./deployed.ts')).openDeployedCodeArtifact(request),
    events: 'packages',
  },
};
