import type { SourceDefinition } from '../definition.ts';

/** AWS CodeCommit. */
export const codeCommitDefinition: SourceDefinition = {
  name: 'codecommit',
  label: 'CodeCommit',
  kinds: ['repositories'],
  kindOf: () => 'repositories',
  deployed: {
    preload: () => Promise.all([import('@aws-sdk/client-codecommit'), import('./deployed.ts')]),
    open: async (request) => (await import('./deployed.ts')).openDeployedCodeCommit(request),
    events: 'repositories',
  },
};
