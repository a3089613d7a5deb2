import type { KindName } from '#core/sources/source.ts';
import type { KindOnCommandLine } from './kind.ts';
import { lfsOnCommandLine } from './lfs/index.ts';
import { packagesOnCommandLine } from './packages/index.ts';
import { recordsOnCommandLine } from './records/index.ts';
import { repositoriesOnCommandLine } from './repositories/index.ts';

/** How the command line speaks of each kind, one line each. */
export const kindsOnCommandLine: Readonly<Record<KindName, KindOnCommandLine>> = {
  repositories: repositoriesOnCommandLine,
  packages: packagesOnCommandLine,
  records: recordsOnCommandLine,
  lfs: lfsOnCommandLine,
};

/** What each kind has of something, such as its name. */
export function ofEachKind<Had>(tell: (kind: KindOnCommandLine) => Had): Record<KindName, Had> {
  const told = Object.entries(kindsOnCommandLine).map(([name, kind]) => [name, tell(kind)]);
  return Object.fromEntries(told) as Record<KindName, Had>;
}
