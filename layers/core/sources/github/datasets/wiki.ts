import type { DatasetDefinition } from './dataset.ts';

/** The wiki, a Git repository beside the one that it belongs to. */
export const wiki: DatasetDefinition = {
  name: 'wiki',
  what: 'the wiki, as a Git repository',
  of: 'repository',
  kind: 'repositories',
  rights: [{ permission: 'contents', scopes: [] }],
  // True by default, so that it says nothing of whether there are pages.
  isOf: ({ hasWiki }) => hasWiki,
};
