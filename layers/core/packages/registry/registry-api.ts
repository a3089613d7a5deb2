import {
  AssociateExternalConnectionCommand,
  CodeartifactClient,
  CreateRepositoryCommand,
  DescribePackageVersionCommand,
  DescribeRepositoryCommand,
  GetAuthorizationTokenCommand,
  GetRepositoryEndpointCommand,
  paginateListPackageVersionAssets,
  paginateListPackageVersions,
  PutPackageOriginConfigurationCommand,
  PutRepositoryPermissionsPolicyCommand,
  UpdatePackageVersionsStatusCommand,
  type CodeartifactClientConfig,
} from '@aws-sdk/client-codeartifact';
import * as v from 'valibot';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';
import { registryApiError } from '#core/sources/codeartifact/api-error.ts';
import type { RepositorySettings } from '../restore/package-settings.ts';
import { nameOf, type PackageName } from '#core/sources/codeartifact/package-name.ts';
import type { PackageFormat } from '#core/sources/codeartifact/settings.ts';
import type { StoredPackageVersion } from '../restore/stored-package.ts';
import type { ExistingVersion, OriginRestrictions } from '../restore/target.ts';

/** A repository of CodeArtifact that packages are put into. */
export interface RegistryPlace {
  region: string;
  domain: string;
  /** The account that owns the domain; the caller's own where it is undefined. */
  domainOwner: string | undefined;
  repository: string;
}

/** After the last byte of an asset of gigabytes the registry takes its time, in milliseconds. */
const indexingMs = 300_000;

const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  // What matters of it is in the errors.
}

const assetSchema = v.object({ name: v.string(), hashes: v.object({ 'SHA-256': v.string() }) });

const repositorySchema = v.object({ arn: v.string(), domainOwner: v.string() });

const tokenSchema = v.object({ authorizationToken: v.string(), expiration: v.date() });

/** CodeArtifact's API, as far as putting packages back needs it. */
export class RegistryApi {
  readonly client: CodeartifactClient;
  readonly place: RegistryPlace;

  /** @param config for the SDK's client, in place of what it finds */
  constructor(place: RegistryPlace, config: CodeartifactClientConfig = {}) {
    this.place = place;
    // Throttled calls are repeated after ever longer waits.
    this.client = new CodeartifactClient(
      awsConfig(
        {
          region: place.region,
          retryMode: 'adaptive',
          maxAttempts: 10,
          // The SDK would print that it cannot repeat a stream; the caller repeats it.
          logger: silent,
          ...config,
        },
        { answerMs: indexingMs },
      ),
    );
  }

  /** Undefined where there is none. */
  async repository(name = this.place.repository): Promise<v.InferOutput<typeof repositorySchema> | undefined> {
    const what = `look at the repository ${this.place.domain}/${name}`;
    const input = { ...this.repositoryInput(), repository: name };
    const answer = await orUndefined(this.ask(what, () => this.client.send(new DescribeRepositoryCommand(input))));
    return answer && parse(repositorySchema, answer.repository, what, 'ProtocolViolation');
  }

  async createRepository({ description, tags, upstreams }: RepositorySettings): Promise<void> {
    await this.ask(`create the repository ${this.place.domain}/${this.place.repository}`, () =>
      this.client.send(
        new CreateRepositoryCommand({
          ...this.repositoryInput(),
          ...(description === undefined ? {} : { description }),
          upstreams,
          tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
        }),
      ),
    );
  }

  async connect(externalConnection: string): Promise<void> {
    await this.ask(`connect the repository to ${externalConnection}`, () =>
      this.client.send(new AssociateExternalConnectionCommand({ ...this.repositoryInput(), externalConnection })),
    );
  }

  async setPolicy(policyDocument: string): Promise<void> {
    await this.ask("set the repository's policy", () =>
      this.client.send(new PutRepositoryPermissionsPolicyCommand({ ...this.repositoryInput(), policyDocument })),
    );
  }

  /** @throws {HoldfastError} NotFound where there is no such package yet */
  async setRestrictions(name: PackageName, restrictions: OriginRestrictions): Promise<void> {
    await this.ask(`set the origin controls of ${nameOf(name)}`, () =>
      this.client.send(new PutPackageOriginConfigurationCommand({ ...this.packageInput(name), restrictions })),
    );
  }

  /** Undefined where there is no such version. */
  async existing(version: StoredPackageVersion): Promise<(ExistingVersion & { status: string }) | undefined> {
    const label = `${nameOf(version)} ${version.version}`;
    const input = { ...this.packageInput(version), packageVersion: version.version };
    const described = await orUndefined(
      this.ask(`look at ${label}`, () => this.client.send(new DescribePackageVersionCommand(input))),
    );
    const status = described?.packageVersion?.status;
    if (status === undefined || status === 'Deleted') return undefined;
    const what = `list the assets of ${label}`;
    const assets = await this.ask(what, async () => {
      const found = new Map<string, string>();
      for await (const page of paginateListPackageVersionAssets({ client: this.client }, input))
        for (const asset of parse(v.array(assetSchema), page.assets ?? [], what, 'ProtocolViolation'))
          found.set(asset.name, asset.hashes['SHA-256'].toLowerCase());
      return found;
    });
    return { assets, status };
  }

  /** The versions of a package that can be had; none where there is no such package. */
  async versions(name: PackageName): Promise<string[]> {
    const input = this.packageInput(name);
    const list = this.ask(`list the versions of ${nameOf(name)}`, async () => {
      const found: string[] = [];
      for await (const { versions = [] } of paginateListPackageVersions({ client: this.client }, input))
        for (const { version, status } of versions)
          if (version !== undefined && (status === 'Published' || status === 'Unlisted')) found.push(version);
      return found;
    });
    return (await orUndefined(list)) ?? [];
  }

  async setStatus(version: StoredPackageVersion, status: 'Published' | 'Unlisted' | 'Archived'): Promise<void> {
    const what = `set the status of ${nameOf(version)} ${version.version} to ${status}`;
    const { failedVersions } = await this.ask(what, () =>
      this.client.send(
        new UpdatePackageVersionsStatusCommand({
          ...this.packageInput(version),
          versions: [version.version],
          targetStatus: status,
        }),
      ),
    );
    const failure = failedVersions?.[version.version];
    if (failure)
      throw new HoldfastError('RemoteRefused', `cannot ${what}: ${failure.errorMessage ?? failure.errorCode ?? ''}`);
  }

  /** @throws {HoldfastError} AccessDenied, also where sts:GetServiceBearerToken is not allowed */
  async token(): Promise<v.InferOutput<typeof tokenSchema>> {
    const { domain, domainOwner } = this.place;
    const what = `get a token for the domain ${domain}`;
    const answer = await this.ask(what, () =>
      this.client.send(new GetAuthorizationTokenCommand({ domain, domainOwner })),
    );
    return parse(tokenSchema, answer, what, 'ProtocolViolation');
  }

  /** Where a format's own tools find the repository; its path ends in a slash. */
  async endpoint(format: PackageFormat): Promise<URL> {
    const what = `find the repository's address for ${format}`;
    const { repositoryEndpoint = '' } = await this.ask(what, () =>
      this.client.send(new GetRepositoryEndpointCommand({ ...this.repositoryInput(), format })),
    );
    const text = repositoryEndpoint.replace(/\/?$/, '/');
    if (URL.canParse(text)) return new URL(text);
    throw new HoldfastError('ProtocolViolation', `cannot ${what}: the answer is not a valid address`);
  }

  repositoryInput() {
    const { domain, domainOwner, repository } = this.place;
    return { domain, domainOwner, repository };
  }

  packageInput({ format, namespace, name }: PackageName) {
    return { ...this.repositoryInput(), format, namespace, package: name };
  }

  /** @param what for the message: "cannot …" */
  async ask<T>(what: string, question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw registryApiError(error, what, this.place.region);
    }
  }

  close(): void {
    this.client.destroy();
  }
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasCode(error, 'NotFound')) return undefined;
    throw error;
  }
}
