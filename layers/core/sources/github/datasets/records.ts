import type { DatasetDefinition } from './dataset.ts';

const scopes = ['repo', 'public_repo'];

/** Issues and pull requests with all that is said about them; a pull request is an issue with more to it. */
export const issues: DatasetDefinition = {
  name: 'issues',
  what: 'issues and pull requests with comments, reviews, timelines, labels and milestones',
  of: 'repository',
  kind: 'records',
  // What of pull requests takes their own permission is left out without it, and named.
  rights: [{ permission: 'issues', scopes }],
  // Pull requests are there also where issues are switched off.
  isOf: () => true,
};

export const discussions: DatasetDefinition = {
  name: 'discussions',
  what: 'discussions with comments, replies, answers and polls',
  of: 'repository',
  kind: 'records',
  rights: [{ permission: 'discussions', scopes }],
  isOf: ({ hasDiscussions }) => hasDiscussions,
};

export const releases: DatasetDefinition = {
  name: 'releases',
  what: 'releases with their assets',
  of: 'repository',
  kind: 'records',
  rights: [{ permission: 'contents', scopes }],
  isOf: () => true,
};

export const settings: DatasetDefinition = {
  name: 'settings',
  what: 'description, topics, rulesets, branch protection, webhooks, keys, environments, variables, collaborators',
  of: 'repository',
  kind: 'records',
  // Each part wants a permission of its own; without it that part is left out, and named.
  rights: [{ permission: 'metadata', scopes }],
  isOf: () => true,
};

/**
 * The images and files that texts refer to. They have no item of their own: each is kept with the text, as the assets of
 * releases are, so that a snapshot of the one is never without the other.
 */
export const attachments: DatasetDefinition = {
  name: 'attachments',
  what: 'the images and files that issues, pull requests, discussions and releases refer to',
  of: 'repository',
  kind: 'records',
  rights: [],
  isOf: () => false,
};
