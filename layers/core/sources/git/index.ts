import type { SourceDefinition } from '../definition.ts';

/** Git repositories by their addresses or folders. */
export const plainGitDefinition: SourceDefinition = {
  name: 'git',
  label: 'plain Git addresses',
  kinds: ['repositories'],
  kindOf: () => 'repositories',
};
