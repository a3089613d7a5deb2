import type { KindOnCommandLine } from '../kind.ts';

export const recordsOnCommandLine: KindOnCommandLine = {
  one: 'a dataset of records',
  many: 'records',
  load: async () => (await import('./verbs.ts')).recordsVerbs,
};
