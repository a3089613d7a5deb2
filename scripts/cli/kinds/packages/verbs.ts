import type { KindVerbs } from '../kind.ts';
import { catPackage, diffPackage, lsPackage } from './browse.ts';
import { restorePackageItems } from './restore.ts';
import { planPackages } from './restore-all.ts';
import { showAssets } from './show.ts';

export const packagesVerbs: KindVerbs = {
  show: showAssets,
  ls: lsPackage,
  cat: catPackage,
  diff: diffPackage,
  restore: restorePackageItems,
  planAll: planPackages,
};
