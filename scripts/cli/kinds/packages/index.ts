import type { KindOnCommandLine } from '../kind.ts';

export const packagesOnCommandLine: KindOnCommandLine = {
  one: 'a package',
  many: 'packages',
  goesTo: ['folder', 'codeartifact'],
  load: async () => (await import('./verbs.ts')).packagesVerbs,
};
