import type { Readable } from 'node:stream';
import {
  AssociateExternalConnectionCommand,
  CodeartifactClient,
  CreateRepositoryCommand,
  GetAuthorizationTokenCommand,
  GetRepositoryEndpointCommand,
  PublishPackageVersionCommand,
  PutPackageOriginConfigurationCommand,
  PutRepositoryPermissionsPolicyCommand,
  UpdatePackageVersionsStatusCommand,
  type CodeartifactClientConfig,
} from '@aws-sdk/client-codeartifact';
import { HttpRequest } from '@smithy/protocol-http';
import * as v from 'valibot';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';
import { writing } from './api-error.ts';
import { CodeArtifactApi } from './api.ts';
import { Connection } from './connection.ts';
import { packageInput, repositoryInput, versionInput } from './inputs.ts';
import { nameOf, type PackageName, type PackageVersion } from './package-name.ts';
import type { AnyAccount, PackagePlace, RepositoryPlace, VersionPlace } from './places.ts';
import { unpaced } from './quotas.ts';
import type { PackageFormat } from './settings.ts';

/** A repository of CodeArtifact that packages are put into; its domain is the caller's own where no account is named. */
export type RegistryPlace = AnyAccount<RepositoryPlace>;

/** What decides whether versions of a package may be published directly, or come from upstream. */
export interface OriginRestrictions {
  publish: 'ALLOW' | 'BLOCK';
  upstream: 'ALLOW' | 'BLOCK';
}

/** How a repository is made. */
export interface NewRepository {
  description?: string | undefined;
  tags: Readonly<Record<string, string>>;
  upstreams: { repositoryName: string }[];
}

/** An asset on its way to a registry. */
export interface NewAsset {
  name: string;
  bytes: number;
  /** In hexadecimal. */
  sha256: string;
  content: Readable;
  /** Whether others of the version follow. */
  unfinished: boolean;
}

/** After the last byte of an asset of gigabytes the registry takes its time, in milliseconds. */
const indexingMs = 300_000;

const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): void {
  // What matters of it is in the errors.
}

const tokenSchema = v.object({ authorizationToken: v.string(), expiration: v.date() });

/** A repository of CodeArtifact as packages are put into it; what it already has, is read by the API of backups. */
export class RegistryApi {
  readonly place: RegistryPlace;
  readonly #connection: Connection;
  readonly #reading: CodeArtifactApi;

  /** @param config for the SDK's client, in place of what it finds */
  constructor(place: RegistryPlace, config: CodeartifactClientConfig = {}) {
    this.place = place;
    const { region } = place;
    // Throttled calls are repeated after ever longer waits.
    const client = new CodeartifactClient(
      awsConfig(
        {
          region,
          retryMode: 'adaptive',
          maxAttempts: 10,
          // The SDK would print that it cannot repeat a stream; the caller repeats it.
          logger: silent,
          ...config,
        },
        { answerMs: indexingMs },
      ),
    );
    this.#connection = new Connection(client, region, writing);
    this.#reading = new CodeArtifactApi(this.#connection, unpaced);
  }

  /** The ARN of a repository of the domain; undefined where there is none. */
  async repository(repository = this.place.repository): Promise<string | undefined> {
    const place = { ...this.place, repository };
    const found = await this.#connection.orUndefined(this.#reading.repositoryItself(place));
    if (!found) return undefined;
    const what = `look at the repository ${place.domain}/${repository}`;
    return parse(v.string(), found.arn, what, 'ProtocolViolation');
  }

  async createRepository({ description, tags, upstreams }: NewRepository): Promise<void> {
    await this.#ask(`create the repository ${this.place.domain}/${this.place.repository}`, (client) =>
      client.send(
        new CreateRepositoryCommand({
          ...repositoryInput(this.place),
          ...(description === undefined ? {} : { description }),
          upstreams,
          tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
        }),
      ),
    );
  }

  async connect(externalConnection: string): Promise<void> {
    await this.#ask(`connect the repository to ${externalConnection}`, (client) =>
      client.send(new AssociateExternalConnectionCommand({ ...repositoryInput(this.place), externalConnection })),
    );
  }

  async setPolicy(policyDocument: string): Promise<void> {
    await this.#ask("set the repository's policy", (client) =>
      client.send(new PutRepositoryPermissionsPolicyCommand({ ...repositoryInput(this.place), policyDocument })),
    );
  }

  /** @throws {HoldfastError} NotFound where there is no such package yet */
  async setRestrictions(name: PackageName, restrictions: OriginRestrictions): Promise<void> {
    await this.#ask(`set the origin controls of ${nameOf(name)}`, (client) =>
      client.send(
        new PutPackageOriginConfigurationCommand({ ...packageInput(this.#packagePlace(name)), restrictions }),
      ),
    );
  }

  /** The status of a version, and the SHA-256 of its assets by their names; undefined where there is no such version. */
  async existing(version: PackageVersion): Promise<{ assets: Map<string, string>; status: string } | undefined> {
    const place = this.#versionPlace(version);
    const found = await this.#reading.version(place);
    if (!found || found.status === 'Deleted') return undefined;
    const assets = await this.#reading.assets(place);
    return { assets: new Map(assets.map(({ name, sha256 }) => [name, sha256])), status: found.status };
  }

  /** The versions of a package that clients can install; none where there is no such package. */
  async versions(name: PackageName): Promise<string[]> {
    const found: string[] = [];
    const list = async (): Promise<void> => {
      for await (const page of this.#reading.versions(this.#packagePlace(name)))
        for (const { version, status } of page.versions)
          if (status === 'Published' || status === 'Unlisted') found.push(version);
    };
    await this.#connection.orUndefined(list());
    return found;
  }

  /**
   * Publishes an asset of a generic package.
   * https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_PublishPackageVersion.html
   * @param what for the message: "cannot …"
   */
  async publishAsset(version: PackageVersion, asset: NewAsset, what: string, abortSignal: AbortSignal): Promise<void> {
    const { name, bytes, sha256, content, unfinished } = asset;
    const command = new PublishPackageVersionCommand({
      ...versionInput(this.#versionPlace(version)),
      assetName: name,
      assetSHA256: sha256,
      assetContent: content,
      unfinished,
    });
    announceLength(command, bytes);
    await this.#ask(what, (client) => client.send(command, { abortSignal }));
  }

  async setStatus(version: PackageVersion, status: 'Published' | 'Unlisted' | 'Archived'): Promise<void> {
    const what = `set the status of ${nameOf(version)} ${version.version} to ${status}`;
    const { failedVersions } = await this.#ask(what, (client) =>
      client.send(
        new UpdatePackageVersionsStatusCommand({
          ...packageInput(this.#packagePlace(version)),
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
    const { domain, account } = this.place;
    const what = `get a token for the domain ${domain}`;
    const answer = await this.#ask(what, (client) =>
      client.send(new GetAuthorizationTokenCommand({ domain, domainOwner: account })),
    );
    return parse(tokenSchema, answer, what, 'ProtocolViolation');
  }

  /** Where a format's own tools find the repository; its path ends in a slash. */
  async endpoint(format: PackageFormat): Promise<URL> {
    const what = `find the repository's address for ${format}`;
    const { repositoryEndpoint = '' } = await this.#ask(what, (client) =>
      client.send(new GetRepositoryEndpointCommand({ ...repositoryInput(this.place), format })),
    );
    const text = repositoryEndpoint.replace(/\/?$/, '/');
    if (URL.canParse(text)) return new URL(text);
    throw new HoldfastError('ProtocolViolation', `cannot ${what}: the answer is not a valid address`);
  }

  close(): void {
    this.#connection.close();
  }

  #packagePlace({ format, namespace, name }: PackageName): AnyAccount<PackagePlace> {
    return { ...this.place, format, namespace, package: name };
  }

  #versionPlace(version: PackageVersion): AnyAccount<VersionPlace> {
    return { ...this.#packagePlace(version), version: version.version };
  }

  #ask<T>(what: string, question: (client: CodeartifactClient) => Promise<T>): Promise<T> {
    return this.#connection.ask(what, () => question(this.#connection.client));
  }
}

/** The SDK does not know how long a stream will be, and would send it in chunks. */
function announceLength({ middlewareStack }: PublishPackageVersionCommand, bytes: number): void {
  middlewareStack.add(
    (next) => (args) => {
      if (HttpRequest.isInstance(args.request)) args.request.headers['content-length'] = String(bytes);
      return next(args);
    },
    { step: 'build', priority: 'high', name: 'announceLength' },
  );
}
