import type { CodeartifactClientConfig } from '@aws-sdk/client-codeartifact';
import { HoldfastError } from '#core/runtime/errors.ts';
import { checkRegion } from '../region.ts';
import type { Inventory, ListedItem, ListedSource, PackageSource, ReadNpmTags } from '../source.ts';
import { CodeArtifactApi } from './api.ts';
import { AssetLanes } from './asset-limits.ts';
import type { VersionSummary } from './descriptions.ts';
import { packageItem, repositoryItem, type RepositoryPlace, type VersionPlace } from './places.ts';
import { defaultShare, Quotas, type Pace } from './quotas.ts';
import { compileSelection, type Selection } from './selection.ts';
import type { CodeArtifactSettings } from './settings.ts';

export interface CodeArtifactSourceOptions {
  settings: CodeArtifactSettings;
  /** How fast requests are made; half as fast as the account may where it is absent. */
  quotas?: Pace | undefined;
  /** For the SDK's clients, in place of what they find. */
  client?: CodeartifactClientConfig | undefined;
  npmTags?: ReadNpmTags | undefined;
}

/**
 * The packages of CodeArtifact. What a run goes through are repositories, for their settings, and packages: each
 * package's versions are compared with the vault as they are listed, since all versions of all packages would be too
 * many for one list.
 */
export class CodeArtifactSource implements ListedSource, PackageSource {
  readonly source = 'codeartifact';
  readonly feeds = { packages: this };
  readonly lanes = new AssetLanes();
  readonly npmTags: ReadNpmTags | undefined;
  readonly #settings: CodeArtifactSettings;
  readonly #selection: Selection;
  readonly #quotas: Pace;
  readonly #client: CodeartifactClientConfig | undefined;
  readonly #apis = new Map<string, CodeArtifactApi>();

  /** @throws {HoldfastError} ConfigurationInvalid */
  constructor({ settings, quotas = new Quotas(defaultShare), client, npmTags }: CodeArtifactSourceOptions) {
    this.npmTags = npmTags;
    settings.regions.forEach(checkRegion);
    this.#settings = settings;
    this.#selection = compileSelection(settings);
    this.#quotas = quotas;
    this.#client = client;
  }

  async inventory(): Promise<Inventory> {
    const { regions, filters } = this.#settings;
    if (regions.length === 0)
      throw new HoldfastError('ConfigurationInvalid', 'no region was named to look for packages in');
    const listed: ListedItem[] = [];
    for (const region of new Set(regions))
      for await (const place of this.#repositories(region)) {
        listed.push({ item: repositoryItem(place) });
        for await (const item of this.#packages(place)) listed.push(item);
      }
    return {
      source: this.source,
      scope: JSON.stringify({ regions: [...regions].sort(), filters }),
      listed,
      warnings:
        listed.length === 0 ? [`CodeArtifact lists none of the chosen repositories in ${regions.join(', ')}`] : [],
    };
  }

  at(region: string): CodeArtifactApi {
    const api = this.#apis.get(region) ?? CodeArtifactApi.in(checkRegion(region), this.#quotas, this.#client);
    this.#apis.set(region, api);
    return api;
  }

  selects(place: VersionPlace): boolean {
    return this.#selection.takesPackage(place);
  }

  leftOut({ status, origin }: Pick<VersionSummary, 'status' | 'origin'>): string | undefined {
    if (status === 'Unfinished') return 'its publication is not finished';
    if (origin?.originType === 'EXTERNAL' && !this.#settings.external) return 'a copy of a public package';
    return undefined;
  }

  close(): void {
    for (const api of this.#apis.values()) api.close();
    this.#apis.clear();
  }

  async *#repositories(region: string): AsyncGenerator<RepositoryPlace> {
    for await (const { domain, owner } of this.#domains(region))
      for await (const { name, domainOwner } of this.at(region).repositories(domain, owner)) {
        const place = { account: domainOwner, region, domain, repository: name };
        if (this.#selection.takesRepository(place)) yield place;
      }
  }

  /** Those of the account, and those of other accounts that are named. */
  async *#domains(region: string): AsyncGenerator<{ domain: string; owner: string }> {
    const seen = new Set<string>();
    for await (const { name, owner } of this.at(region).domains()) {
      seen.add(`${owner}/${name}`);
      // The role of a deployment may look into no others.
      if (this.#selection.takesDomain({ account: owner, domain: name })) yield { domain: name, owner };
    }
    for (const { domain, owner } of this.#settings.filters) {
      if (owner === undefined || seen.has(`${owner}/${domain}`)) continue;
      seen.add(`${owner}/${domain}`);
      yield { domain, owner };
    }
  }

  async *#packages(place: RepositoryPlace): AsyncGenerator<ListedItem> {
    const formats = this.#selection.formatsOf(place);
    for await (const found of this.at(place.region).packages(place)) {
      const { format, namespace, package: name } = found;
      const item = packageItem({ ...place, format, namespace, package: name });
      if (formats === undefined || formats.includes(format)) yield { item };
    }
  }
}
