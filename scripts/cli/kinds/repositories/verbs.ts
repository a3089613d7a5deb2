import type { KindVerbs } from '../kind.ts';
import { catRepository, diffRepository, lsRepository } from './browse.ts';
import { restoreRepository } from './restore.ts';
import { planRepositories } from './restore-all.ts';
import { showRefs } from './show.ts';

export const repositoriesVerbs: KindVerbs = {
  show: showRefs,
  ls: lsRepository,
  cat: catRepository,
  diff: diffRepository,
  restore: restoreRepository,
  planAll: planRepositories,
};
