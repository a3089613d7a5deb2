import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Dataset, RecordSink } from '../../records.ts';
import { restVersion } from './api-versions.ts';
import { settingsQuery } from './queries.ts';
import type { RecordsApi } from './records-api.ts';
import { Refusal, unlessRefused } from './refusal.ts';
import type { RepositoryPlace } from './repository-place.ts';
import { identified, named, property, shaped } from './shapes.ts';
import { withoutNoise } from './without-noise.ts';

/** A part of a repository's settings. */
interface Part {
  type: string;
  /** Below the repository's path. */
  path: string;
  /** What GitHub says to a token that may not read it, where it does not name the permission itself. */
  permission: string;
  /** Under which name the answer has the list; undefined where the answer is the list. */
  within?: string;
  /** One document and not a list. */
  single?: boolean;
  /** The last part of a record's key. */
  id?: (entry: unknown) => string;
  /** Where each entry is described in full, below the repository's path. */
  each?: (entry: unknown) => string;
  /** Whether a 404 says that there is none, and not that it may not be seen. */
  mayBeMissing?: boolean;
}

const byId = (entry: unknown): string => shaped(identified, entry, 'a setting').id;
const byName = (entry: unknown): string => encodeURIComponent(shaped(named, entry, 'a setting').name);
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

/** What a repository is beside its content: each part by itself, so that one that may not be read costs no other. */
export class SettingsDataset implements Dataset {
  readonly #api: RecordsApi;
  readonly #place: RepositoryPlace;

  constructor(api: RecordsApi, place: RepositoryPlace) {
    this.#api = api;
    this.#place = place;
  }

  /**
   * All parts take some twenty requests, so they are read where one of GraphQL says that something has changed, and
   * when everything is looked at: what GraphQL does not know, as webhooks, is seen by then.
   */
  async read(sink: RecordSink): Promise<void> {
    const seen = await this.#fingerprint();
    const isSame = seen !== undefined && sink.noted('settings') === seen && !sink.reconcile;
    for (const part of parts) {
      const known = sink.known(part.type);
      const settled = sink.noted(part.type);
      if (isSame && known?.complete) sink.done(part.type);
      else if (isSame && settled !== undefined) sink.omit(part.type, settled);
      else await this.#read(sink, part);
    }
    if (seen !== undefined) sink.note('settings', seen);
  }

  comparable(_type: string, record: unknown): unknown {
    return withoutNoise(record, volatile);
  }

  async #read(sink: RecordSink, part: Part): Promise<void> {
    const { type, permission } = part;
    await unlessRefused(
      async () => {
        if (part.single) await this.#single(sink, part);
        else await this.#list(sink, part);
        sink.whole(type);
        sink.done(type);
      },
      (why) => {
        const said = why.startsWith('the token lacks') ? why : `${why} (it takes ${permission})`;
        sink.omit(type, said);
        sink.note(type, said);
      },
    );
  }

  async #single(sink: RecordSink, { type, path, mayBeMissing }: Part): Promise<void> {
    const { path: base, name } = this.#place;
    const record = await this.#api.get(`${base}${path}`, `the ${type} of ${name}`).catch((error: unknown) => {
      if (!(error instanceof Refusal) || error.code !== 'SourceMissing' || !mayBeMissing) throw error;
      return undefined;
    });
    if (record !== undefined) await sink.put({ type, key: type, api: restVersion, record: withoutSecrets(record) });
  }

  async #list(sink: RecordSink, part: Part): Promise<void> {
    const { type, each, id = byId } = part;
    for await (const entry of this.#entries(part)) {
      let record = entry;
      if (each) {
        const path = `${this.#place.path}${each(entry)}`;
        record = await this.#api.get(path, `a ${type} of ${this.#place.name}`).catch((error: unknown) => {
          // Protected by a ruleset alone, or unprotected meanwhile.
          if (!(error instanceof Refusal) || error.code !== 'SourceMissing' || !part.mayBeMissing) throw error;
          return undefined;
        });
      }
      if (record === undefined) continue;
      await sink.put({ type, key: `${type}/${id(entry)}`, api: restVersion, record: withoutSecrets(record) });
    }
  }

  async *#entries({ type, path, within }: Part): AsyncGenerator {
    const what = `the list of ${type} of ${this.#place.name}`;
    const joint = path.includes('?') ? '&' : '?';
    // Lists of Actions have 30 entries a page at most where they hold variables.
    let url: URL | undefined = this.#api.url(`${this.#place.path}${path}${joint}per_page=${within ? 30 : 100}`);
    while (url) {
      const page: { entries: unknown[]; next: URL | undefined } = await this.#api.page(url, what, within);
      yield* page.entries;
      url = page.next;
    }
  }

  async #fingerprint(): Promise<string | undefined> {
    const { owner, repository, name } = this.#place;
    try {
      const data = await this.#api.query(settingsQuery, { owner, name: repository }, `the settings of ${name}`);
      return createHash('sha256')
        .update(JSON.stringify(property(data, 'repository')))
        .digest('hex')
        .slice(0, 32);
    } catch (error) {
      if (error instanceof Refusal || (error instanceof Error && error.name === 'AccessDenied')) return undefined;
      throw error;
    }
  }
}

/** What moves without anybody changing a setting. */
const volatile = [
  'updated_at',
  'pushed_at',
  'size',
  'stargazers_count',
  'watchers_count',
  'watchers',
  'subscribers_count',
  'network_count',
  'forks_count',
  'forks',
  'open_issues_count',
  'open_issues',
  'last_response',
  'last_used',
  'organization',
  'parent',
  'source',
];

/**
 * GitHub gives a token for cloning along with a repository to those who may write, and marks the secret of a webhook by
 * stars where there is one. Neither is a setting.
 */
function withoutSecrets(record: unknown): unknown {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return record;
  const { temp_clone_token: _, ...rest }: Record<string, unknown> = { ...record };
  return rest;
}
