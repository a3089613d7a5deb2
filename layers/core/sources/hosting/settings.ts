/** Which repositories of a Git host are backed up. */
export interface HostingSettings {
  /** The user, organisation or group whose repositories are meant; undefined: all that belong to the token. */
  owner: string | undefined;
  /** Globs over the repository's whole name (`owner/name`); one without a slash is over the last part. Empty: all. */
  include: readonly string[];
  /** As `include`, and stronger than it. */
  exclude: readonly string[];
  forks: boolean;
  archived: boolean;
  /** `private` holds the host's internal repositories too. */
  visibility: 'all' | 'public' | 'private';
  /** Whether the wikis of the repositories are backed up as well. */
  wikis: boolean;
  /** Whether the objects of Git LFS of the repositories are backed up as well. */
  lfs: boolean;
}

export const defaultHostingSettings: HostingSettings = {
  owner: undefined,
  include: [],
  exclude: [],
  forks: true,
  archived: true,
  visibility: 'all',
  wikis: true,
  lfs: false,
};

/** Self-hosted installations have no limit by default, and gitlab.com allows 2,000 a minute. */
export const defaultRequestsPerMinute = 300;
