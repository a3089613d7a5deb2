import type { PackageName } from '#core/sources/codeartifact/package-name.ts';
import type { OriginRestrictions } from '#core/sources/codeartifact/registry-api.ts';
import type { StoredAsset, StoredPackageVersion } from './stored-package.ts';

/** What a target already has of a version. */
export interface ExistingVersion {
  /** SHA-256 by the name of the asset. */
  assets: ReadonlyMap<string, string>;
  /** As CodeArtifact says it; undefined where a target knows no such thing. */
  status?: string;
}

/** A package about to be put back. */
export interface PackageToRestore extends PackageName {
  /** npm's tags, and the versions that bore them. */
  distTags: Readonly<Record<string, string>>;
  /** Whether versions may be published directly or fetched from upstream; undefined where it is not known. */
  restrictions: OriginRestrictions | undefined;
}

/** Where packages are put back: a registry, or a folder. Nothing that is there is ever replaced. */
export interface PackageTarget {
  /** As a person writes it. */
  readonly name: string;
  /** Whether several requests make one version, so that all of it has to be proven before the first. */
  readonly inSteps: boolean;
  /** What is there of a version already; undefined where there is nothing. */
  existing(version: StoredPackageVersion): Promise<ExistingVersion | undefined>;
  /**
   * Puts the missing assets there.
   * @param onBytes called with how many more bytes are on their way
   */
  publish(
    version: StoredPackageVersion,
    missing: readonly StoredAsset[],
    existing: ExistingVersion | undefined,
    onBytes: (bytes: number) => void,
  ): Promise<void>;
  /** Gives a version whose assets are all there the status that it had. @returns what could not be done, and why */
  settle(version: StoredPackageVersion, existing: ExistingVersion): Promise<string[]>;
  /** To be called before the first version of a package. @returns what could not be done, and why */
  begin(packageToRestore: PackageToRestore): Promise<string[]>;
  /** To be called after its last version. @returns what could not be done, and why */
  finish(packageToRestore: PackageToRestore): Promise<string[]>;
  close(): void;
}
