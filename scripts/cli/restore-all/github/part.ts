import type { Refs } from '#core/git/refs.ts';
import type { DatasetNames } from '#core/sources/github/datasets/selection.ts';
import type { Context } from '../../context.ts';
import type { GitHubRepositories } from '../places/github.ts';
import type { Planned, RestoreAll, Result } from '../plan.ts';
import type { Group } from './groups.ts';

/** What each part of a repository's restore needs to know. */
export interface PartRequest {
  context: Context;
  all: RestoreAll;
  places: GitHubRepositories;
  group: Group;
  /** The datasets that were asked for by name. */
  names: DatasetNames;
  /** The refs that the repository will have; undefined where it is not restored itself. */
  branches: Refs | undefined;
  /** What it is called at GitHub. */
  repository: string;
  /** The same as a person writes it. */
  to: string;
  /** Whether the repository is there while the plan is made. */
  exists: boolean;
  /** Whether this restore makes it, or an earlier attempt of the same has. */
  isOurs: boolean;
  /** Why nothing may come there. */
  blocked: string | undefined;
}

/** One dataset of a repository, as it is planned. */
export interface Part {
  planned: Planned;
  /** How many requests count against what GitHub lets one credential make. */
  creations: number;
  /** Restores it; absent where nothing is to be done. @param sent takes the bytes that are done */
  run?: (sent: (bytes: number) => void) => Promise<Partial<Result>>;
}
