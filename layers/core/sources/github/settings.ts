import { defaultHostingSettings } from '../hosting/settings.ts';
import type { DatasetNames } from './datasets/selection.ts';

/** Which repositories a run covers. Every other one that GitHub lists is skipped with a reason, never left unsaid. */
export interface GitHubSettings {
  /** The login of a user or an organisation; undefined: everything that the token's user has access to. */
  owner: string | undefined;
  /**
   * Only what the user owns, or also what the user merely works on, as collaborator or through an organisation.
   * Undefined, as GitHub has it: owned where an owner is named, everything otherwise. An organisation owns all that
   * it has.
   */
  onlyOwned: boolean | undefined;
  /** Globs over `owner/name`, case-insensitive; one without a slash is over the name alone. Empty: all. */
  include: readonly string[];
  /** As `include`, and stronger than it. */
  exclude: readonly string[];
  forks: boolean;
  archived: boolean;
  /** `private` holds GitHub's internal repositories too. */
  visibility: 'all' | 'public' | 'private';
  /** What is kept of each repository; undefined: all that the credential allows. */
  datasets: DatasetNames;
}

const { include, exclude, forks, archived, visibility } = defaultHostingSettings;

export const defaultGitHubSettings: GitHubSettings = {
  owner: undefined,
  onlyOwned: undefined,
  include,
  exclude,
  forks,
  archived,
  visibility,
  datasets: undefined,
};
