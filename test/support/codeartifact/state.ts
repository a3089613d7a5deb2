import { createHash, randomBytes } from 'node:crypto';
import { contentOf, type Content } from './content.ts';
import { eventOf, type Changes, type CodeArtifactEvent } from './events.ts';
import {
  packageKey,
  type Details,
  type Domain,
  type Package,
  type PackageName,
  type PackageVersion,
  type Repository,
  type Status,
} from './model.ts';
import { normalName, normalVersion } from './names.ts';
import { missing } from './problem.ts';
import { SortedMap } from './sorted-map.ts';

export interface StateOptions {
  /** Where and whose things are that are added without saying. Default `us-east-1` and 123456789012. */
  region?: string;
  account?: string;
  /** Called with each event, in order; a promise that it returns is awaited by `settled` and `close`. */
  onEvent?: (event: CodeArtifactEvent) => void | Promise<void>;
}

export interface VersionOptions extends PackageName {
  version: string;
  /** Name → content. */
  assets: Readonly<Record<string, string | Uint8Array | Content>>;
  /** Default `Published`. */
  status?: Status;
  publishedAt?: Date;
  /** Such as `public:npmjs`: the version was taken from there and not published here. */
  externalConnection?: string;
  details?: Details;
  /** Of npm: what points to it. Default `latest`. */
  tags?: readonly string[];
  /** No event tells of it, as of what was there before anybody listened. */
  quiet?: boolean;
}

/** An action that callers may not do, on resources whose ARN matches (default: all). */
export interface Denial {
  action: string;
  resource?: RegExp;
}

/** Domains, repositories and packages behind the server, and the knobs to change them. */
export class CodeArtifactState {
  readonly region: string;
  readonly account: string;
  onEvent: StateOptions['onEvent'];
  /** All so far, oldest first. */
  readonly events: CodeArtifactEvent[] = [];
  /** What is refused from now on, with AccessDeniedException, or 403 at a registry. */
  readonly denied: Denial[] = [];
  /** Entries of a page where the caller does not say; AWS's own number is not documented. */
  pageSize = 50;
  readonly #domains = new SortedMap<Domain>();
  #told: Promise<void> = Promise.resolve();

  constructor({ region = 'us-east-1', account = '123456789012', onEvent }: StateOptions = {}) {
    this.region = region;
    this.account = account;
    this.onEvent = onEvent;
  }

  get domains(): Domain[] {
    return this.#domains.values();
  }

  addDomain(name: string, { region = this.region, owner = this.account, encryptionKey = '' } = {}): Domain {
    const domain: Domain = {
      name,
      owner,
      region,
      arn: `arn:aws:codeartifact:${region}:${owner}:domain/${name}`,
      createdAt: new Date(),
      encryptionKey: encryptionKey || `arn:aws:kms:${region}:${owner}:key/00000000-0000-4000-8000-000000000000`,
      repositories: new SortedMap(),
      tags: [],
      policy: undefined,
    };
    this.#domains.set(domainKey(domain), domain);
    return domain;
  }

  findDomain(name: string, { region = this.region, owner = this.account } = {}): Domain {
    const found = this.#domains.get(domainKey({ name, region, owner }));
    if (!found) throw missing('domain', name, `account '${owner}'`);
    return found;
  }

  deleteDomain(domain: Domain): void {
    this.#domains.delete(domainKey(domain));
  }

  addRepository(
    domain: Domain,
    name: string,
    more: Partial<
      Pick<Repository, 'administrator' | 'description' | 'upstreams' | 'externalConnections' | 'tags'>
    > = {},
  ): Repository {
    const repository: Repository = {
      domain,
      name,
      arn: `arn:aws:codeartifact:${domain.region}:${domain.owner}:repository/${domain.name}/${name}`,
      administrator: domain.owner,
      createdAt: new Date(),
      packages: new SortedMap(),
      description: undefined,
      upstreams: [],
      externalConnections: [],
      tags: [],
      policy: undefined,
      ...more,
    };
    domain.repositories.set(name, repository);
    return repository;
  }

  deleteRepository(repository: Repository): void {
    repository.domain.repositories.delete(repository.name);
  }

  /** The package, made if there is none. The first version decides how further ones may come. */
  package(repository: Repository, name: PackageName, origin: 'publish' | 'upstream' = 'publish'): Package {
    const { format, namespace } = name;
    const stored = normalName(format, name.package);
    const key = packageKey({ ...name, package: stored });
    const found = repository.packages.get(key);
    if (found) return found;
    const { domain } = repository;
    const path = [domain.name, repository.name, format, namespace ?? '', stored].join('/');
    const made: Package = {
      repository,
      format,
      namespace,
      name: stored,
      arn: `arn:aws:codeartifact:${domain.region}:${domain.owner}:package/${path}`,
      versions: new SortedMap(),
      tags: new Map(),
      restrictions:
        origin === 'publish' ? { publish: 'ALLOW', upstream: 'BLOCK' } : { publish: 'BLOCK', upstream: 'ALLOW' },
      metadata: undefined,
      sequence: 0,
    };
    repository.packages.set(key, made);
    return made;
  }

  findVersion(repository: Repository, name: PackageName & { version: string }): PackageVersion | undefined {
    const { format, version } = name;
    const found = repository.packages.get(packageKey({ ...name, package: normalName(format, name.package) }));
    return found?.versions.get(normalVersion(format, version));
  }

  /** Puts a version of any format in place, whatever the rules of publishing say. */
  addVersion(repository: Repository, options: VersionOptions): PackageVersion {
    const { externalConnection, status = 'Published', publishedAt = new Date(), details = {}, quiet = false } = options;
    const { tags = ['latest'] } = options;
    const of = this.package(repository, options, externalConnection === undefined ? 'publish' : 'upstream');
    const assets = new SortedMap<Content>();
    for (const [name, content] of Object.entries(options.assets)) {
      assets.set(name, typeof content === 'string' || content instanceof Uint8Array ? contentOf(content) : content);
    }
    const version = normalVersion(options.format, options.version);
    const added: PackageVersion = {
      package: of,
      version,
      assets,
      externalConnection,
      status,
      revision: nextRevision(),
      publishedAt,
      details: { ...details },
    };
    of.versions.set(version, added);
    if (of.format === 'npm') for (const tag of tags) of.tags.set(tag, version);
    const changes = { assetsAdded: assets.size, metadataUpdated: true, statusChanged: true };
    if (!quiet) this.tell(added, 'Created', changes);
    return added;
  }

  /** Adds an asset or puts another in its place; the revision changes. */
  putAsset(version: PackageVersion, name: string, content: string | Uint8Array | Content): void {
    const had = version.assets.get(name) !== undefined;
    const isContent = typeof content === 'object' && !(content instanceof Uint8Array);
    version.assets.set(name, isContent ? content : contentOf(content));
    version.revision = nextRevision();
    this.tell(version, 'Updated', had ? { assetsUpdated: 1 } : { assetsAdded: 1 });
  }

  /** The asset is gone; the revision changes. */
  removeAsset(version: PackageVersion, name: string): void {
    version.assets.delete(name);
    version.revision = nextRevision();
    this.tell(version, 'Updated', { assetsRemoved: 1 });
  }

  /** Changes what is known of a version; the revision changes. */
  describe(version: PackageVersion, details: Details): void {
    version.details = { ...version.details, ...details };
    version.revision = nextRevision();
    this.tell(version, 'Updated', { metadataUpdated: true });
  }

  /** The revision stays. Of a disposed version the assets are gone for good. */
  setStatus(version: PackageVersion, status: Status): void {
    if (version.status === status) return;
    version.status = status;
    if (status === 'Disposed') for (const [name] of [...version.assets.after()]) version.assets.delete(name);
    this.tell(version, 'Updated', { statusChanged: true });
  }

  deleteVersion(version: PackageVersion): void {
    const { versions, tags } = version.package;
    versions.delete(version.version);
    for (const [tag, tagged] of tags) if (tagged === version.version) tags.delete(tag);
    version.status = 'Deleted';
    this.tell(version, 'Deleted', { assetsRemoved: version.assets.size, statusChanged: true });
  }

  /** With all its versions, each of which is told of. */
  deletePackage(of: Package): void {
    for (const version of of.versions.values()) this.deleteVersion(version);
    of.repository.packages.delete(packageKey({ format: of.format, namespace: of.namespace, package: of.name }));
  }

  /** Tells of a change, as CodeArtifact does after each. */
  tell(version: PackageVersion, operation: 'Created' | 'Updated' | 'Deleted', changes: Partial<Changes>): void {
    const event = eventOf(version, operation, changes);
    this.events.push(event);
    const { onEvent } = this;
    if (!onEvent) return;
    this.#told = this.#told.then(() => onEvent(event));
    this.#told.catch(() => undefined); // `settled` says it
  }

  /** Waits until `onEvent` is through with all events so far; rejects if it failed. */
  settled(): Promise<void> {
    return this.#told;
  }

  isDenied(action: string, resource: string): boolean {
    return this.denied.some((one) => one.action === action && (one.resource?.test(resource) ?? true));
  }
}

/** As AWS's: base64, so with `/` and `+` now and then and `=` at the end. */
export function nextRevision(): string {
  return createHash('sha256').update(randomBytes(16)).digest('base64');
}

function domainKey({ region, owner, name }: Pick<Domain, 'region' | 'owner' | 'name'>): string {
  return `${region}/${owner}/${name}`;
}
