import type { KindVerbs } from '../kind.ts';
// Objects are stored as the assets of packages are, and looked at like these.
import { catPackage, diffPackage, lsPackage } from '../packages/browse.ts';
import { restoreLfs } from './restore.ts';
import { showObjects } from './show.ts';

export const lfsVerbs: KindVerbs = {
  show: showObjects,
  ls: lsPackage,
  cat: catPackage,
  diff: diffPackage,
  restore: restoreLfs,
};
