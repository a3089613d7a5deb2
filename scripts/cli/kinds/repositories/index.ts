import type { KindOnCommandLine } from '../kind.ts';

export const repositoriesOnCommandLine: KindOnCommandLine = {
  one: 'a repository',
  many: 'repositories',
  options: {
    ref: 'names a branch, tag or commit',
    refs: 'shows the refs of a Git repository',
    recursive: 'lists the folders of a repository',
    files: 'compares the files of a repository; the assets of a package always are',
  },
  goesTo: ['folder', 'urls', 'github', 'codecommit'],
  load: async () => (await import('./verbs.ts')).repositoriesVerbs,
};
