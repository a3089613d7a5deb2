import type { KindOnCommandLine } from '../kind.ts';

export const repositoriesOnCommandLine: KindOnCommandLine = {
  one: 'a repository',
  many: 'repositories',
  load: async () => (await import('./verbs.ts')).repositoriesVerbs,
};
