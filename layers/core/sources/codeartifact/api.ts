import { Readable } from 'node:stream';
import {
  CodeartifactClient,
  DescribePackageCommand,
  DescribePackageVersionCommand,
  DescribeRepositoryCommand,
  GetDomainPermissionsPolicyCommand,
  GetPackageVersionAssetCommand,
  GetPackageVersionReadmeCommand,
  GetRepositoryPermissionsPolicyCommand,
  ListDomainsCommand,
  ListPackagesCommand,
  ListPackageVersionAssetsCommand,
  ListPackageVersionDependenciesCommand,
  ListPackageVersionsCommand,
  ListRepositoriesInDomainCommand,
  ListTagsForResourceCommand,
  type CodeartifactClientConfig,
} from '@aws-sdk/client-codeartifact';
import * as v from 'valibot';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';
import { failOnStall } from '#core/runtime/stall.ts';
import type { ItemMetadata } from '#core/vault/manifest.ts';
import { reading } from './api-error.ts';
import { Connection } from './connection.ts';
import {
  assetSchema,
  dependencySchema,
  domainSchema,
  packageSchema,
  packageSummarySchema,
  repositorySchema,
  repositorySummarySchema,
  versionSchema,
  versionSummarySchema,
  type AssetDescription,
  type PackageSummary,
  type VersionDescription,
  type VersionSummary,
} from './descriptions.ts';
import { packageInput, repositoryInput, versionInput } from './inputs.ts';
import { packageName, type AnyAccount, type PackagePlace, type RepositoryPlace, type VersionPlace } from './places.ts';
import type { Pace, Quota } from './quotas.ts';

/** The longest page that any of the lists gives. */
const maxResults = 1000;

/** The longest silence while an asset comes, in milliseconds. */
const stallMs = 60_000;

export interface VersionPage {
  versions: VersionSummary[];
  /** The version that the registry shows where none is asked for: of npm, the one with the tag `latest`. */
  defaultDisplayVersion: string | undefined;
}

/** CodeArtifact's API in one region. */
export class CodeArtifactApi {
  readonly #connection: Connection;
  readonly #client: CodeartifactClient;
  readonly #pace: Pace;

  constructor(connection: Connection, pace: Pace) {
    this.#connection = connection;
    this.#client = connection.client;
    this.#pace = pace;
  }

  /**
   * As backups read it.
   * @param config for the SDK's client, in place of what it finds
   */
  static in(region: string, pace: Pace, config: CodeartifactClientConfig = {}): CodeArtifactApi {
    // The pace is kept by the quotas; the SDK's own would become ever slower once an account's other clients are throttled.
    const client = new CodeartifactClient(awsConfig({ region, maxAttempts: 10, ...config }));
    return new CodeArtifactApi(new Connection(client, region, reading), pace);
  }

  /** The domains of the caller's own account. */
  async *domains(): AsyncGenerator<{ name: string; owner: string }> {
    const list = (nextToken: string | undefined): Promise<Page> =>
      this.#client
        .send(new ListDomainsCommand({ maxResults, nextToken }))
        .then((page) => ({ entries: page.domains, nextToken: page.nextToken }));
    yield* this.#all(`list the domains of ${this.#connection.region}`, domainSchema, list);
  }

  async *repositories(
    domain: string,
    owner: string | undefined,
  ): AsyncGenerator<{ name: string; domainOwner: string }> {
    const list = (nextToken: string | undefined): Promise<Page> =>
      this.#client
        .send(new ListRepositoriesInDomainCommand({ domain, domainOwner: owner, maxResults, nextToken }))
        .then((page) => ({ entries: page.repositories, nextToken: page.nextToken }));
    yield* this.#all(`list the repositories of the domain ${domain}`, repositorySummarySchema, list);
  }

  async *packages(place: RepositoryPlace, format?: PackageSummary['format']): AsyncGenerator<PackageSummary> {
    const list = (nextToken: string | undefined): Promise<Page> =>
      this.#client
        .send(new ListPackagesCommand({ ...repositoryInput(place), format, maxResults, nextToken }))
        .then((page) => ({ entries: page.packages, nextToken: page.nextToken }));
    yield* this.#all(`list the packages of ${place.domain}/${place.repository}`, packageSummarySchema, list);
  }

  /** What a package is beside its versions: whether they may be published, and may come from upstream. */
  async package(place: PackagePlace): Promise<ItemMetadata> {
    const what = `look at ${packageName(place)}`;
    const { package: found } = await this.#ask('read', what, () =>
      this.#client.send(new DescribePackageCommand(packageInput(place))),
    );
    return withoutUndefined(parse(packageSchema, found, what, 'ProtocolViolation'));
  }

  /** The versions of a package, page by page: there may be more than fit into memory. */
  async *versions(place: AnyAccount<PackagePlace>): AsyncGenerator<VersionPage> {
    let nextToken: string | undefined;
    const what = `list the versions of ${packageName(place)}`;
    do {
      const page = await this.#ask('list', what, () =>
        this.#client.send(new ListPackageVersionsCommand({ ...packageInput(place), maxResults, nextToken })),
      );
      const versions = parse(v.array(versionSummarySchema), page.versions ?? [], what, 'ProtocolViolation');
      yield { versions, defaultDisplayVersion: page.defaultDisplayVersion };
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }

  /** Undefined where there is no such version. */
  async version(place: AnyAccount<VersionPlace>): Promise<VersionDescription | undefined> {
    const what = `look at ${packageName(place)} ${place.version}`;
    const answer = await this.#connection.orUndefined(
      this.#ask('read', what, () => this.#client.send(new DescribePackageVersionCommand(versionInput(place)))),
    );
    return answer && parse(versionSchema, answer.packageVersion, what, 'ProtocolViolation');
  }

  /**
   * @param revision that the version must have; undefined for any
   * @throws {HoldfastError} RefMoved where the version is of another revision by now; ProtocolViolation where an asset is
   * listed twice: then one of the two could be lost
   */
  async assets(place: AnyAccount<VersionPlace>, revision?: string): Promise<AssetDescription[]> {
    const what = `list the assets of ${packageName(place)} ${place.version}`;
    const assets: AssetDescription[] = [];
    const list = async (nextToken: string | undefined): Promise<Page> => {
      const page = await this.#client.send(
        new ListPackageVersionAssetsCommand({ ...versionInput(place), maxResults, nextToken }),
      );
      if (revision !== undefined && page.versionRevision !== undefined && page.versionRevision !== revision)
        throw new HoldfastError('RefMoved', `cannot ${what}: it has changed meanwhile`, { transient: true });
      return { entries: page.assets, nextToken: page.nextToken };
    };
    for await (const asset of this.#all(what, assetSchema, list)) assets.push(asset);
    if (new Set(assets.map(({ name }) => name)).size < assets.length)
      throw new HoldfastError('ProtocolViolation', `cannot ${what}: one is listed twice`);
    return assets;
  }

  /** The bytes of an asset of this very revision. */
  async *asset(place: VersionPlace, revision: string, name: string): AsyncGenerator<Buffer> {
    const what = `read ${name} of ${packageName(place)} ${place.version}`;
    const { asset } = await this.#ask('asset', what, () =>
      this.#client.send(
        new GetPackageVersionAssetCommand({ ...versionInput(place), packageVersionRevision: revision, asset: name }),
      ),
    );
    if (!(asset instanceof Readable)) throw new HoldfastError('ProtocolViolation', `cannot ${what}: no bytes came`);
    try {
      yield* failOnStall(asset, stallMs, `CodeArtifact, asked to ${what},`);
    } catch (error) {
      throw this.#connection.errorOf(error, what);
    } finally {
      asset.destroy();
    }
  }

  /** Undefined where the version has none. */
  async readme(place: VersionPlace): Promise<string | undefined> {
    const what = `read the readme of ${packageName(place)} ${place.version}`;
    return this.#connection.orUndefined(
      this.#ask('read', what, () => this.#client.send(new GetPackageVersionReadmeCommand(versionInput(place)))).then(
        ({ readme }) => (readme === '' ? undefined : readme),
      ),
    );
  }

  async dependencies(place: VersionPlace): Promise<v.InferOutput<typeof dependencySchema>[]> {
    const what = `list the dependencies of ${packageName(place)} ${place.version}`;
    const found: v.InferOutput<typeof dependencySchema>[] = [];
    const list = (nextToken: string | undefined): Promise<Page> =>
      this.#client
        .send(new ListPackageVersionDependenciesCommand({ ...versionInput(place), nextToken }))
        .then((page) => ({ entries: page.dependencies, nextToken: page.nextToken }));
    for await (const dependency of this.#all(what, dependencySchema, list)) found.push(dependency);
    return found;
  }

  /** What a repository is, without its tags and policies. */
  async repositoryItself(place: AnyAccount<RepositoryPlace>): Promise<v.InferOutput<typeof repositorySchema>> {
    const what = `look at the repository ${place.domain}/${place.repository}`;
    const command = new DescribeRepositoryCommand(repositoryInput(place));
    const { repository } = await this.#ask('read', what, () => this.#client.send(command));
    return parse(repositorySchema, repository, what, 'ProtocolViolation');
  }

  /** All that is needed to make the repository again, but its packages. */
  async repository(place: RepositoryPlace): Promise<ItemMetadata> {
    const input = repositoryInput(place);
    const { arn, ...described } = await this.repositoryItself(place);
    const of = `of ${place.domain}/${place.repository}`;
    const { domain, domainOwner } = input;
    return withoutUndefined({
      ...described,
      tags: arn === undefined ? {} : await this.#tags(arn),
      policy: await this.#policy(`read the policy ${of}`, new GetRepositoryPermissionsPolicyCommand(input)),
      domainPolicy: await this.#policy(
        `read the policy of the domain ${of}`,
        new GetDomainPermissionsPolicyCommand({ domain, domainOwner }),
      ),
    });
  }

  close(): void {
    this.#connection.close();
  }

  async #tags(resourceArn: string): Promise<Record<string, string>> {
    const { tags = [] } = await this.#ask('read', `read the tags of ${resourceArn}`, () =>
      this.#client.send(new ListTagsForResourceCommand({ resourceArn })),
    );
    return Object.fromEntries(tags.flatMap(({ key, value }) => (key === undefined ? [] : [[key, value ?? '']])));
  }

  /** Undefined where there is none. */
  async #policy(
    what: string,
    command: GetRepositoryPermissionsPolicyCommand | GetDomainPermissionsPolicyCommand,
  ): Promise<string | undefined> {
    const answer = await this.#connection.orUndefined(
      this.#ask('read', what, () =>
        command instanceof GetDomainPermissionsPolicyCommand ? this.#client.send(command) : this.#client.send(command),
      ),
    );
    return answer?.policy?.document;
  }

  async *#all<const Schema extends v.GenericSchema>(
    what: string,
    schema: Schema,
    list: (nextToken: string | undefined) => Promise<Page>,
  ): AsyncGenerator<v.InferOutput<Schema>> {
    let nextToken: string | undefined;
    do {
      const page = await this.#ask('list', what, () => list(nextToken));
      for (const entry of page.entries ?? []) yield parse(schema, entry, what, 'ProtocolViolation');
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }

  #ask<T>(quota: Quota, what: string, question: () => Promise<T>): Promise<T> {
    return this.#connection.ask(what, () => this.#pace.take(quota, question));
  }
}

interface Page {
  entries: readonly object[] | undefined;
  nextToken: string | undefined;
}

/** As JSON would have it. */
function withoutUndefined(metadata: ItemMetadata): ItemMetadata {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined));
}
