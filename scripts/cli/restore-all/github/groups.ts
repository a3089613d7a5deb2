import { code } from '#core/sources/github/datasets/code.ts';
import { lfs } from '#core/sources/github/datasets/lfs.ts';
import { repositoryDatasets } from '#core/sources/github/datasets/table.ts';
import { gitHubDefinition } from '#core/sources/github/index.ts';
import { isObjectsPath } from '#core/sources/lfs.ts';
import type { Chosen } from '../plan.ts';

/** A repository and what else of it is restored. */
export interface Group {
  /** Of the repository itself: `github/acme/web`. */
  address: string;
  /** The path below the scope that names it. */
  below: readonly string[];
  /** Its items, by their datasets. */
  parts: Map<string, Chosen>;
}

/** The items, by the repositories to which they belong. */
export function groupsOf(items: readonly Chosen[]): Group[] {
  const groups = new Map<string, Group>();
  for (const item of items) {
    const { address, dataset } = placeOf(item);
    const cut = dataset === code.name ? item.below : item.below.slice(0, -1);
    const name = address.split('/').at(-1) ?? '';
    const group = groups.get(address) ?? { address, below: cut.length > 0 ? cut : [name], parts: new Map() };
    group.parts.set(dataset, item);
    groups.set(address, group);
  }
  return [...groups.values()];
}

/** The dataset of an item, and the address of its repository. */
function placeOf({ source, address }: Chosen): { address: string; dataset: string } {
  const path = address.split('/');
  const last = path.at(-1) ?? '';
  if (source === gitHubDefinition.name && path.length === 4 && repositoryDatasets.some(({ name }) => name === last))
    return { address: path.slice(0, 3).join('/'), dataset: last };
  if (isObjectsPath(path)) return { address: path.slice(0, -1).join('/'), dataset: lfs.name };
  return { address, dataset: code.name };
}
