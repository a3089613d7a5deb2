import type { CodeCommitClientConfig } from '@aws-sdk/client-codecommit';
import pMap from 'p-map';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { GitSource, Inventory, ItemDescription, ListedItem, ListedSource } from '../source.ts';
import { checkRegion } from '../region.ts';
import { accountOf, gitEndpoint, placeOf } from './addresses.ts';
import { CodeCommitApi, type Repository } from './api.ts';
import { openCodeCommit } from './transport.ts';
import { itemOf } from './event.ts';
import { compileSelection, type Selection } from './selection.ts';
import type { AssumedRole, CodeCommitSettings } from './settings.ts';

export interface CodeCommitSourceOptions {
  http: HttpClient;
  settings: CodeCommitSettings;
  /** For the SDK's clients, in place of what they find. */
  client?: CodeCommitClientConfig | undefined;
}

/** Tags are asked for one repository at a time. */
const tagConcurrency = 5;

/** The repositories of CodeCommit in an account and its regions. */
export class CodeCommitSource implements ListedSource, GitSource {
  readonly source = 'codecommit';
  readonly feeds = { repositories: this };
  readonly #http: HttpClient;
  readonly #settings: CodeCommitSettings;
  readonly #selection: Selection;
  readonly #client: CodeCommitClientConfig | undefined;
  /** By account. */
  readonly #roles = new Map<string, AssumedRole>();
  readonly #apis = new Map<string, CodeCommitApi>();

  /** @throws {HoldfastError} ConfigurationInvalid */
  constructor({ http, settings, client }: CodeCommitSourceOptions) {
    this.#http = http;
    this.#settings = settings;
    this.#client = client;
    this.#selection = compileSelection(settings);
    settings.regions.forEach(checkRegion);
    for (const role of settings.roles) this.#roles.set(accountOf(role.arn), role);
  }

  async inventory(): Promise<Inventory> {
    const regions = [...new Set(this.#settings.regions)].sort();
    if (regions.length === 0)
      throw new HoldfastError('ConfigurationInvalid', 'no region was named to look for repositories in');
    const found: Repository[] = [];
    const accounts = this.#roles.size > 0 ? [...this.#roles.keys()] : [undefined];
    for (const account of accounts)
      for (const region of regions)
        for await (const repository of this.#api(region, account).repositories()) found.push(repository);
    const names = found.map(({ name }) => name);
    return {
      source: this.source,
      scope: [...new Set(found.map(({ account }) => account)), ...regions].join(' '),
      listed: await pMap(found, (repository) => this.#listed(repository), { concurrency: tagConcurrency }),
      warnings: [
        ...(found.length === 0 ? [`CodeCommit lists no repository in ${regions.join(', ')}`] : []),
        ...this.#selection.idlePatterns(names).map((text) => `--include ${text} matches no repository`),
      ],
    };
  }

  /** Why a repository that an event names is not one of the selected ones; undefined where it is. */
  async leftOut(item: ManifestItem): Promise<string | undefined> {
    const { account, region, name } = placeOf(item);
    const byName = this.#selection.byName(name);
    if (byName !== undefined || !this.#selection.needsTags) return byName;
    // One that is gone, or without a description, is left to the next step to report.
    const repository = await this.#api(region, account).repository(name);
    return repository && this.#skippedByTags(repository);
  }

  open(item: ManifestItem): Transport {
    const { account, region, name } = placeOf(item);
    return openCodeCommit(this.#http, this.#api(region, account), {
      region,
      name,
      endpoint: gitEndpoint(region, this.#settings),
    });
  }

  /** CodeCommit finds repositories by their names alone, so one that was renamed is found in the list. */
  async locate(item: ManifestItem): Promise<ManifestItem | undefined> {
    const { account, region } = placeOf(item);
    for await (const repository of this.#api(region, account).repositories())
      if (repository.id === item.id) return listedItem(repository);
    return undefined;
  }

  async describe(item: ManifestItem): Promise<ItemDescription> {
    const { account, region, name } = placeOf(item);
    const metadata = await this.#api(region, account).settings(name);
    return { metadata, resource: metadata.arn, defaultBranch: metadata.defaultBranch };
  }

  /** Leaves the connections of Git open: they belong to the HTTP client. */
  close(): void {
    for (const api of this.#apis.values()) api.close();
    this.#apis.clear();
  }

  async #listed(repository: Repository): Promise<ListedItem> {
    const item = listedItem(repository);
    const skipped = this.#selection.byName(repository.name) ?? (await this.#skippedByTags(repository));
    return skipped === undefined ? { item } : { item, skipped };
  }

  async #skippedByTags({ account, region, arn, unreadable }: Repository): Promise<string | undefined> {
    // What cannot be read now is selected whatever its tags may be, so that it is seen to fail.
    if (unreadable) return undefined;
    return this.#selection.needsTags ? this.#selection.byTags(await this.#api(region, account).tags(arn)) : undefined;
  }

  /** @param account undefined for that of the caller */
  #api(region: string, account?: string): CodeCommitApi {
    if (account !== undefined && this.#roles.size > 0 && !this.#roles.has(account))
      throw new HoldfastError('ConfigurationInvalid', `no role is named for the account ${account}`, {
        advice:
          'Each other account is read with a role in it. Beside such roles, this account needs its own role, too.',
      });
    const role = this.#roles.get(account ?? '');
    const key = `${role ? (account ?? '') : ''} ${region}`;
    const api = this.#apis.get(key) ?? new CodeCommitApi(checkRegion(region), this.#client, role);
    this.#apis.set(key, api);
    return api;
  }
}

function listedItem({ account, region, id, name }: Repository): ManifestItem {
  return itemOf(account, region, id, name);
}
