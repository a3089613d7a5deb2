import type { DatasetDefinition } from './dataset.ts';

/** The Git repository itself: the item that has the repository's own name. */
export const code: DatasetDefinition = {
  name: 'code',
  what: 'the Git repository: all refs',
  of: 'repository',
  kind: 'repositories',
  rights: [{ permission: 'contents', scopes: [] }],
  isOf: () => true,
};
