import type { SourceDefinition } from '../definition.ts';

/** AWS CodeCommit. */
export const codeCommitDefinition: SourceDefinition = {
  name: 'codecommit',
  kindOf: () => 'repositories',
};
