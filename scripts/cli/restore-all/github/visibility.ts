import * as v from 'valibot';
import type { SnapshotEntry } from '#core/vault/catalogue.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { openDataset } from './stored-dataset.ts';

const schema = v.object({ visibility: v.picklist(['public', 'private', 'internal']) });

/** Who could see a repository when its settings were stored; undefined where they do not say. */
export async function storedVisibility(vault: Vault, entry: SnapshotEntry) {
  for await (const { type, record } of (await openDataset(vault, entry)).records())
    if (type === 'repository') return v.is(schema, record) ? record.visibility : undefined;
  return undefined;
}
