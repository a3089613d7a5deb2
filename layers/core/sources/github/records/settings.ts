import * as v from 'valibot';
import { byId, byName, PartsDataset, volatileOfRepositories, type Part } from './parts.ts';
import { settingsQuery } from './queries.ts';
import type { RecordsApi } from './records-api.ts';
import type { RepositoryPlace } from './repository-place.ts';
import { property, shaped } from './shapes.ts';

const byAdvisory = (entry: unknown): string => shaped(v.object({ ghsa_id: v.string() }), entry, 'an advisory').ghsa_id;

/** https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens */
const parts: readonly Part[] = [
  { type: 'repository', path: '', permission: 'metadata:read', single: true },
  { type: 'topics', path: '/topics', permission: 'metadata:read', single: true },
  {
    type: 'ruleset',
    path: '/rulesets?includes_parents=false',
    permission: 'metadata:read',
    id: byId,
    each: (entry) => `/rulesets/${byId(entry)}`,
  },
  {
    type: 'branch-protection',
    path: '/branches?protected=true',
    permission: 'administration:read',
    id: byName,
    each: (entry) => `/branches/${byName(entry)}/protection`,
    mayBeMissing: true,
  },
  { type: 'webhook', path: '/hooks', permission: 'webhooks:read', id: byId },
  { type: 'deploy-key', path: '/keys', permission: 'administration:read', id: byId },
  { type: 'autolink', path: '/autolinks', permission: 'administration:read', id: byId },
  { type: 'environment', path: '/environments', permission: 'actions:read', within: 'environments', id: byId },
  { type: 'variable', path: '/actions/variables', permission: 'variables:read', within: 'variables', id: byName },
  // No one gets their values.
  { type: 'secret-name', path: '/actions/secrets', permission: 'secrets:read', within: 'secrets', id: byName },
  { type: 'pages', path: '/pages', permission: 'pages:read', single: true, mayBeMissing: true },
  { type: 'collaborator', path: '/collaborators?affiliation=direct', permission: 'metadata:read', id: byId },
  { type: 'team', path: '/teams', permission: 'metadata:read', id: byId },
  { type: 'custom-properties', path: '/properties/values', permission: 'metadata:read', single: true },
  {
    type: 'security-advisory',
    path: '/security-advisories',
    permission: 'repository_advisories:read',
    id: byAdvisory,
  },
];

/** What a repository is beside its content. */
export function settingsDataset(api: RecordsApi, { owner, repository, name, path }: RepositoryPlace): PartsDataset {
  return new PartsDataset({
    api,
    name,
    path,
    parts,
    note: 'settings',
    fingerprint: async () =>
      property(await api.query(settingsQuery, { owner, name: repository }, `the settings of ${name}`), 'repository'),
    volatile,
  });
}

/** What moves without anybody changing a setting. */
const volatile = [
  ...volatileOfRepositories,
  'subscribers_count',
  'network_count',
  'last_response',
  'last_used',
  'organization',
  'parent',
  'source',
];
