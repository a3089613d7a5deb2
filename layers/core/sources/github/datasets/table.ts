import { followers, gists, organization, projects, starred, watched } from './accounts.ts';
import { code } from './code.ts';
import type { AccountDataset, AnyDataset, DatasetDefinition } from './dataset.ts';
import { lfs } from './lfs.ts';
import { attachments, discussions, issues, releases, settings } from './records.ts';
import { wiki } from './wiki.ts';

/** All that can be kept of a repository at GitHub, in the order in which it is listed. */
export const repositoryDatasets: readonly DatasetDefinition[] = [
  code,
  wiki,
  lfs,
  issues,
  discussions,
  releases,
  settings,
  attachments,
];

/** All that can be kept of an account beside its repositories. */
export const accountDatasets: readonly AccountDataset[] = [organization, projects, gists, starred, watched, followers];

export const datasets: readonly AnyDataset[] = [...repositoryDatasets, ...accountDatasets];
