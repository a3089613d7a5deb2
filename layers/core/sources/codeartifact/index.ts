import type { SourceDefinition } from '../definition.ts';

/** AWS CodeArtifact. */
export const codeArtifactDefinition: SourceDefinition = {
  name: 'codeartifact',
  kindOf: () => 'packages',
};
