import { Catalogue } from '#core/vault/catalogue.ts';
import type { Planned } from '#core/vault/planned.ts';
import { contentOf, findPrevious } from '#core/vault/previous.ts';
import { decide, describe, type BackupRequest } from './backup-repository.ts';

/** Says how a repository would be backed up now. Fetches and writes nothing. */
export async function planRepository(
  request: Pick<BackupRequest, 'item' | 'transport' | 'vault' | 'options' | 'describe' | 'signal'>,
): Promise<Planned> {
  const { item, vault } = request;
  const catalogue = new Catalogue(vault);
  const previous = await findPrevious(catalogue, item);
  const content = await contentOf(catalogue, previous);
  const { defaultBranch } = await describe(request);
  const { taken, decided } = await decide(request, defaultBranch, previous, content);
  const since = 'parent' in decided ? `since ${decided.parent.manifest.snapshot}` : undefined;
  return { item, plan: decided.kind, why: 'why' in decided ? decided.why : since, refs: taken.size };
}
