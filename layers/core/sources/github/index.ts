import type { SourceDefinition } from '../definition.ts';

/** GitHub, at github.com or as GitHub Enterprise. */
export const gitHubDefinition: SourceDefinition = {
  name: 'github',
  kindOf: () => 'repositories',
};
