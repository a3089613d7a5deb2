import type { SourceDefinition } from '../definition.ts';
import { isObjectsPath } from '../lfs.ts';

/** Git repositories by their addresses or folders. */
export const plainGitDefinition: SourceDefinition = {
  name: 'git',
  label: 'plain Git addresses',
  kinds: ['repositories', 'lfs'],
  kindOf: (path) => (isObjectsPath(path) ? 'lfs' : 'repositories'),
};
