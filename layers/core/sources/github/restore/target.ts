import type { GitHubWriter } from '../github-writer.ts';

/** The repository that gets the records. */
export interface RestoreTarget {
  writer: GitHubWriter;
  owner: string;
  repository: string;
  /**
   * Whether this restore made it, so that what GitHub itself put there, as its usual labels, gives way. In any other
   * nothing that is there is changed.
   */
  isOurs: boolean;
}

/** Below the API's base: `/repos/acme/web`. */
export function pathOf({ owner, repository }: Pick<RestoreTarget, 'owner' | 'repository'>): string {
  return `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repository)}`;
}

export function nameOf({ owner, repository }: Pick<RestoreTarget, 'owner' | 'repository'>): string {
  return `${owner}/${repository}`;
}
