import type { DatasetDefinition } from './dataset.ts';

/** The objects of Git LFS that the code names. GitHub does not tell beforehand whether there are any. */
export const lfs: DatasetDefinition = {
  name: 'lfs',
  what: 'the objects of Git LFS',
  of: 'repository',
  kind: 'lfs',
  rights: [{ permission: 'contents', scopes: [] }],
  isOf: () => true,
};
