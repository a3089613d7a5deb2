import type { AccountDataset } from './dataset.ts';

const isOrganisation = ({ type }: { type: string }): boolean => type === 'Organization';

/** Each part of it wants a permission of its own; without it that part is left out, and named. */
export const organization: AccountDataset = {
  name: 'organization',
  what: 'settings of the organisation, members, teams, rulesets, webhooks, properties, variables, its list of packages',
  of: 'account',
  kind: 'records',
  rights: [{ permission: 'members', scopes: ['read:org', 'write:org', 'admin:org'] }],
  isOf: isOrganisation,
};

export const projects: AccountDataset = {
  name: 'projects',
  what: 'projects with their fields, views, workflows and items',
  of: 'account',
  kind: 'records',
  rights: [{ permission: 'organization_projects', scopes: ['read:project', 'project'] }],
  withoutApps: (account) => (isOrganisation(account) ? undefined : 'GitHub shows the projects of users to no app'),
  isOf: () => true,
};

/** Each gist is a Git repository, and an item; what is said about all of them is one more. */
export const gists: AccountDataset = {
  name: 'gists',
  what: 'gists as Git repositories, with their comments',
  of: 'account',
  kind: 'records',
  rights: [{ permission: 'gists', scopes: ['gist'] }],
  withoutApps: () => 'GitHub shows gists to no app',
  isOf: (account) => !isOrganisation(account),
};

const ofUsers = {
  of: 'account',
  kind: 'records',
  rights: [],
  onlyByName: true,
  withoutApps: () => 'an app has no stars and watches nothing',
  isOf: (account: { type: string }) => !isOrganisation(account),
} as const;

export const starred: AccountDataset = {
  ...ofUsers,
  name: 'starred',
  what: 'which repositories and gists the user has starred, and these gists',
};

export const watched: AccountDataset = { ...ofUsers, name: 'watched', what: 'which repositories the user watches' };

export const followers: AccountDataset = {
  ...ofUsers,
  name: 'followers',
  what: 'who follows the user, and whom the user follows',
};
