import type { CodeartifactClientConfig } from '@aws-sdk/client-codeartifact';
import Bottleneck from 'bottleneck';
import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import type { HttpClient } from '#core/runtime/http.ts';
import type { RetryPolicy } from '#core/runtime/retry.ts';
import { MavenVersions } from '../publish/maven-versions.ts';
import { NpmTagKeeper } from '../publish/npm-tag-keeper.ts';
import type { Publish, Registry } from '../publish/publication.ts';
import { publishGeneric } from '../publish/publish-generic.ts';
import { publishMaven } from '../publish/publish-maven.ts';
import { publishNpm } from '../publish/publish-npm.ts';
import { publishNuget } from '../publish/publish-nuget.ts';
import { publishPypi } from '../publish/publish-pypi.ts';
import { publishRuby } from '../publish/publish-ruby.ts';
import { publishSwift } from '../publish/publish-swift.ts';
import { RegistryApi, type OriginRestrictions, type RegistryPlace } from '#core/sources/codeartifact/registry-api.ts';
import { RegistryHttp } from '../registry/registry-http.ts';
import { RegistryToken } from '../registry/registry-token.ts';
import { nameOf } from '#core/sources/codeartifact/package-name.ts';
import type { PackageFormat } from '#core/sources/codeartifact/settings.ts';
import type { StoredAsset, StoredPackageVersion } from './stored-package.ts';
import type { ExistingVersion, PackageTarget, PackageToRestore } from './target.ts';

export interface CodeArtifactTargetOptions {
  http: HttpClient;
  /** For the SDK's client, in place of what it finds. */
  client?: CodeartifactClientConfig;
  /** Whether packages get the origin controls that they had. */
  restrict: boolean;
  signal?: AbortSignal | undefined;
  policy?: RetryPolicy;
  /** How many assets of generic packages are published a second, at most. */
  publishesPerSecond?: number;
}

/** Registries recover from throttling within seconds. */
const defaultPolicy: RetryPolicy = { attempts: 6, firstWaitMs: 1_000, longestWaitMs: 60_000 };

/** An account may make 10. https://docs.aws.amazon.com/codeartifact/latest/ug/service-limits.html */
const defaultPublishesPerSecond = 8;

/** A repository of CodeArtifact, where packages are published again as their own tools do it. */
export class CodeArtifactTarget implements PackageTarget {
  readonly name: string;
  readonly inSteps = true;
  readonly #api: RegistryApi;
  readonly #arn: string;
  readonly #options: CodeArtifactTargetOptions;
  readonly #token: RegistryToken;
  readonly #registries = new Map<PackageFormat, Promise<Registry>>();
  readonly #npmTags = new NpmTagKeeper((format) => this.#registry(format));
  readonly #mavenVersions: MavenVersions;
  readonly #publishers: Record<PackageFormat, Publish>;

  private constructor(api: RegistryApi, arn: string, options: CodeArtifactTargetOptions) {
    this.#api = api;
    this.#arn = arn;
    this.#options = options;
    this.name = `${api.place.domain}/${api.place.repository}`;
    this.#token = new RegistryToken(api);
    this.#mavenVersions = new MavenVersions(api);
    const limiter = new Bottleneck({ minTime: 1000 / (options.publishesPerSecond ?? defaultPublishesPerSecond) });
    this.#publishers = {
      generic: publishGeneric(limiter),
      maven: publishMaven((version) => this.#mavenVersions.of(version)),
      npm: publishNpm((version) => this.#npmTags.tagOf(version)),
      nuget: publishNuget,
      pypi: publishPypi,
      ruby: publishRuby,
      swift: publishSwift,
      cargo: refuseCargo,
    };
  }

  /** @throws {HoldfastError} NotFound where there is no such repository */
  static async open(place: RegistryPlace, options: CodeArtifactTargetOptions): Promise<CodeArtifactTarget> {
    const api = new RegistryApi(place, options.client);
    try {
      const arn = await api.repository();
      if (arn !== undefined) return new CodeArtifactTarget(api, arn, options);
      throw new HoldfastError('NotFound', `there is no repository ${place.repository} in the domain ${place.domain}`, {
        advice: 'Check the names and --region and --domain-owner, or create it with --create.',
      });
    } catch (error) {
      api.close();
      throw error;
    }
  }

  existing(version: StoredPackageVersion): Promise<ExistingVersion | undefined> {
    return this.#api.existing(version);
  }

  async publish(
    version: StoredPackageVersion,
    missing: readonly StoredAsset[],
    existing: ExistingVersion | undefined,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    if (existing?.status === 'Disposed')
      throw new HoldfastError(
        'TargetNotEmpty',
        `${nameOf(version)} ${version.version} was disposed of in ${this.name}`,
        {
          advice:
            'CodeArtifact accepts no assets for it until it is deleted: aws codeartifact delete-package-versions.',
        },
      );
    const registry = await this.#registry(version.format);
    await this.#publishers[version.format](registry, { version, missing, existing, onBytes });
  }

  async settle(version: StoredPackageVersion, { status }: ExistingVersion): Promise<string[]> {
    const stored = version.metadata.status;
    const wanted = stored === 'Unlisted' || stored === 'Archived' ? stored : 'Published';
    if (status === wanted) return [];
    // A version that a user has hidden since stays hidden: that is newer than the snapshot.
    if (status !== 'Published' && status !== 'Unfinished')
      return [`its status stays ${status ?? 'unknown'}; it was ${stored ?? wanted}`];
    const step = (): Promise<void> => this.#api.setStatus(version, wanted);
    if (status === 'Published') return this.#attempt(step);
    // No one can use an unfinished version, so that needs no note.
    await step();
    return [];
  }

  async begin(packageToRestore: PackageToRestore): Promise<string[]> {
    if (packageToRestore.format === 'npm') await this.#npmTags.begin(packageToRestore);
    const { restrictions } = packageToRestore;
    if (!this.#options.restrict || !restrictions) return [];
    // A package that blocks publishing would block its own restore.
    return this.#restrict(packageToRestore, { ...restrictions, publish: 'ALLOW' }, true);
  }

  async finish(packageToRestore: PackageToRestore): Promise<string[]> {
    const { format, restrictions } = packageToRestore;
    if (format === 'maven') this.#mavenVersions.forget(packageToRestore);
    const notes = format === 'npm' ? await this.#npmTags.finish(packageToRestore) : [];
    if (this.#options.restrict && restrictions) notes.push(...(await this.#restrict(packageToRestore, restrictions)));
    return notes;
  }

  close(): void {
    this.#api.close();
  }

  /** @param early before there may be such a package */
  async #restrict(name: PackageToRestore, restrictions: OriginRestrictions, early = false): Promise<string[]> {
    const notes = await this.#attempt(() => this.#api.setRestrictions(name, restrictions));
    return early ? [] : notes;
  }

  async #attempt(step: () => Promise<void>): Promise<string[]> {
    try {
      await step();
      return [];
    } catch (error) {
      return [messageOf(error)];
    }
  }

  #registry(format: PackageFormat): Promise<Registry> {
    const open = this.#registries.get(format) ?? this.#openRegistry(format);
    this.#registries.set(format, open);
    // A failure is not kept: the next version may have more luck.
    open.catch(() => this.#registries.delete(format));
    return open;
  }

  async #openRegistry(format: PackageFormat): Promise<Registry> {
    const { http, signal, policy = defaultPolicy } = this.#options;
    const endpoint = await this.#api.endpoint(format);
    return {
      api: this.#api,
      http: new RegistryHttp({ http, token: this.#token, origin: endpoint.origin, policy, signal }),
      endpoint,
      needs: (action, version) => `${action} on ${this.#packageArn(version)}`,
      policy,
      signal,
    };
  }

  /** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeartifact.html */
  #packageArn({ format, namespace = '', name }: StoredPackageVersion): string {
    return `${this.#arn.replace(':repository/', ':package/')}/${format}/${namespace}/${name}`;
  }
}

function refuseCargo(): Promise<void> {
  return Promise.reject(
    new HoldfastError('SourceUnsupported', 'crates cannot be published from here', {
      advice:
        'Restore it to a folder, unpack the .crate, and in it: cargo publish --no-verify --registry <the registry>.',
    }),
  );
}
