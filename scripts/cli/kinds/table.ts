import type { KindName } from '#core/sources/source.ts';
import type { Scope } from '../applicable.ts';
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

/** The options of verbs that single kinds take. @param others that such an option is for as well */
export function optionsOfKinds<Other extends string = never>(
  ...others: readonly Other[]
): Scope<KindName | Other>['options'] {
  const all = Object.entries(kindsOnCommandLine).flatMap(([kind, { options = {} }]) =>
    Object.entries(options).map(([option, what]) => [option, { for: [...others, kind as KindName], what }] as const),
  );
  return Object.fromEntries(all);
}

/** What each kind has of something, such as its name. */
export function ofEachKind<Had>(tell: (kind: KindOnCommandLine) => Had): Record<KindName, Had> {
  const told = Object.entries(kindsOnCommandLine).map(([name, kind]) => [name, tell(kind)]);
  return Object.fromEntries(told) as Record<KindName, Had>;
}
