/** What the stand-in for CodeArtifact holds. */
import type {
  AllowPublish,
  AllowUpstream,
  LicenseInfo,
  PackageDependency,
  PackageFormat,
  PackageVersionStatus,
  Tag,
} from '@aws-sdk/client-codeartifact';
import type { Content } from './content.ts';
import type { SortedMap } from './sorted-map.ts';

export interface Policy {
  document: string;
  revision: string;
}

export interface Domain {
  readonly name: string;
  /** The account that owns it. */
  readonly owner: string;
  readonly region: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly encryptionKey: string;
  readonly repositories: SortedMap<Repository>;
  tags: Tag[];
  policy: Policy | undefined;
}

export interface Repository {
  readonly domain: Domain;
  readonly name: string;
  readonly arn: string;
  /** The account that made it. */
  readonly administrator: string;
  readonly createdAt: Date;
  readonly packages: SortedMap<Package>;
  description: string | undefined;
  /** Names of repositories of the same domain. */
  upstreams: string[];
  /** Such as `public:npmjs`. */
  externalConnections: string[];
  tags: Tag[];
  policy: Policy | undefined;
}

export interface Package {
  readonly repository: Repository;
  readonly format: PackageFormat;
  /** Of npm the scope without `@`, of Maven the group. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly arn: string;
  readonly versions: SortedMap<PackageVersion>;
  /** Of npm: tag → version. */
  readonly tags: Map<string, string>;
  restrictions: { publish: AllowPublish; upstream: AllowUpstream };
  /** Of Maven: what was last put as its `maven-metadata.xml`. */
  metadata: Content | undefined;
  /** Of its last event. */
  sequence: number;
}

export type Status = PackageVersionStatus;

/** What CodeArtifact reads out of a package when it is published. */
export interface Details {
  displayName?: string;
  summary?: string;
  homePage?: string;
  sourceCodeRepository?: string;
  licenses?: LicenseInfo[];
  dependencies?: PackageDependency[];
  readme?: string;
  /** Of npm: what its `package.json` says; without it, it is read out of the tarball. */
  manifest?: Readonly<Record<string, unknown>>;
  /** Of PyPI: which Python it needs, such as `>=3.8`. */
  requiresPython?: string;
}

export interface PackageVersion {
  readonly package: Package;
  readonly version: string;
  readonly assets: SortedMap<Content>;
  /** The public repository that it was taken from; undefined for what was published here. */
  readonly externalConnection: string | undefined;
  status: Status;
  revision: string;
  publishedAt: Date;
  details: Details;
}

/** Names a package within its repository. */
export interface PackageName {
  format: PackageFormat;
  namespace?: string | undefined;
  package: string;
}

export function packageKey({ format, namespace = '', package: name }: PackageName): string {
  return [format, namespace, name].join('\0');
}

/** Package versions whose assets a client may read. */
export function isReadable({ status }: PackageVersion): boolean {
  return status === 'Published' || status === 'Unlisted';
}
