import type { ManifestItem } from '#core/vault/manifest.ts';
import { itemOf, type Repository } from '../repository.ts';
import { code } from './code.ts';
import type { DatasetDefinition } from './dataset.ts';

/** The item of a dataset: that of the code is the repository's own, every other stands below it. */
export function datasetItem(repository: Repository, { name }: Pick<DatasetDefinition, 'name'>): ManifestItem {
  const item = itemOf(repository);
  if (name === code.name) return item;
  return { ...item, id: `${item.id}.${name}`, path: [...item.path, name], name: `${item.name}/${name}` };
}

/** The id of the repository to which an item belongs, and the name of its dataset. */
export function partsOf({ id }: Pick<ManifestItem, 'id'>): { repository: string; dataset: string } {
  const [, repository = id, dataset = code.name] = /^(\d+)\.([\w-]+)$/.exec(id) ?? [];
  return { repository, dataset };
}
