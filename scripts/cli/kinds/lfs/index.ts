import type { KindOnCommandLine } from '../kind.ts';

export const lfsOnCommandLine: KindOnCommandLine = {
  one: 'the objects of Git LFS',
  many: 'objects of Git LFS',
  goesTo: ['github'],
  load: async () => (await import('./verbs.ts')).lfsVerbs,
};
