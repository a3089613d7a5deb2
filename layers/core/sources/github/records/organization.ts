import * as v from 'valibot';
import { refuseOther, type AccountPlace } from './account-place.ts';
import { byId, byName, PartsDataset, volatileOfRepositories, type Part } from './parts.ts';
import { organizationQuery } from './account-queries.ts';
import type { RecordsApi } from './records-api.ts';
import { property, shaped } from './shapes.ts';

const byProperty = (entry: unknown): string =>
  encodeURIComponent(shaped(v.object({ property_name: v.string() }), entry, 'a property').property_name);
const slugOf = (entry: unknown): string =>
  encodeURIComponent(shaped(v.object({ slug: v.string() }), entry, 'a team').slug);

/** Each is a list of its own. https://docs.github.com/en/rest/packages/packages#list-packages-for-an-organization */
const packageTypes = ['npm', 'maven', 'rubygems', 'docker', 'nuget', 'container'];

/** https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps */
const parts: readonly Part[] = [
  { type: 'organization', path: '', permission: 'metadata:read', single: true },
  { type: 'owner', path: '/members?role=admin', permission: 'members:read', id: byId },
  { type: 'member', path: '/members?role=member', permission: 'members:read', id: byId },
  { type: 'outside-collaborator', path: '/outside_collaborators', permission: 'members:read', id: byId },
  {
    type: 'team',
    path: '/teams',
    permission: 'members:read',
    id: byId,
    below: [
      { type: 'team-maintainer', path: (team) => `/teams/${slugOf(team)}/members?role=maintainer`, key: 'maintainers' },
      { type: 'team-member', path: (team) => `/teams/${slugOf(team)}/members?role=member`, key: 'members' },
      { type: 'team-repository', path: (team) => `/teams/${slugOf(team)}/repos`, key: 'repositories' },
    ],
  },
  {
    type: 'ruleset',
    path: '/rulesets',
    permission: 'organization_administration:write',
    id: byId,
    each: (entry) => `/rulesets/${byId(entry)}`,
  },
  { type: 'webhook', path: '/hooks', permission: 'organization_hooks:read', id: byId },
  {
    type: 'custom-property',
    path: '/properties/schema',
    permission: 'organization_custom_properties:read',
    id: byProperty,
  },
  {
    type: 'variable',
    path: '/actions/variables',
    permission: 'organization_actions_variables:read',
    within: 'variables',
    id: byName,
  },
  // No one gets their values.
  {
    type: 'secret-name',
    path: '/actions/secrets',
    permission: 'organization_secrets:read',
    within: 'secrets',
    id: byName,
  },
  { type: 'issue-type', path: '/issue-types', permission: 'members:read', id: byId },
  { type: 'role', path: '/organization-roles', permission: 'organization_custom_org_roles:read', within: 'roles' },
  {
    type: 'app-installation',
    path: '/installations',
    permission: 'organization_administration:read',
    within: 'installations',
  },
  ...packageTypes.map((type) => ({
    type: `${type}-package`,
    path: `/packages?package_type=${type}`,
    permission: 'read:packages, of a classic token',
    id: byId,
  })),
];

/** What an organisation is beside its repositories. */
export function organizationDataset(api: RecordsApi, { id, login }: AccountPlace): PartsDataset {
  return new PartsDataset({
    api,
    name: login,
    path: `/orgs/${encodeURIComponent(login)}`,
    parts,
    note: 'organization-seen',
    fingerprint: async () => {
      const data = await api.query(organizationQuery, { login }, `what has changed in ${login}`);
      const organization = property(data, 'organization');
      refuseOther(property(organization, 'databaseId'), id, login);
      return organization;
    },
    volatile,
  });
}

/** What moves without anybody changing a setting. */
const volatile = [
  ...volatileOfRepositories,
  'public_repos',
  'public_gists',
  'total_private_repos',
  'owned_private_repos',
  'private_gists',
  'disk_usage',
  'collaborators',
  'followers',
  'following',
  'filled_seats',
  'members_count',
  'repos_count',
  'version_count',
  'last_response',
];
