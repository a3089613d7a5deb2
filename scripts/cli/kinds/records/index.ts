import type { KindOnCommandLine } from '../kind.ts';

export const recordsOnCommandLine: KindOnCommandLine = {
  one: 'a dataset of records',
  many: 'records',
  goesTo: ['github'],
  changesUnread: true,
  load: async () => (await import('./verbs.ts')).recordsVerbs,
};
