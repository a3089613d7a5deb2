/** A role of another account that trusts the caller. */
export interface AssumedRole {
  arn: string;
  /** The external id that the role demands, so that no one else can make us use it. */
  externalId?: string | undefined;
}

/** Which repositories of CodeCommit are backed up, and by which addresses they are reached. */
export interface CodeCommitSettings {
  /** Each is listed on its own; one at least. */
  regions: readonly string[];
  /** Patterns over the repository's name; empty: all. */
  include: readonly string[];
  exclude: readonly string[];
  /** Tags that a repository must have, all of them; an empty value stands for any. */
  tags: Readonly<Record<string, string>>;
  /** Use the endpoints that are validated under FIPS 140. */
  fips: boolean;
  /** Roles of other accounts whose repositories are backed up, in place of the caller's own account. */
  roles: readonly AssumedRole[];
  /** The Git endpoint in place of the region's own: that of a VPC endpoint without private DNS names. */
  gitEndpoint?: string | undefined;
}

export const defaultCodeCommitSettings: CodeCommitSettings = {
  regions: [],
  include: [],
  exclude: [],
  tags: {},
  fips: false,
  roles: [],
};
