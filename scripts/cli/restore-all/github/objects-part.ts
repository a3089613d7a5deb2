import { LfsApi } from '#core/lfs/lfs-api.ts';
import { uploadObjects } from '#core/lfs/restore/upload-objects.ts';
import { storedObjects } from '#core/lfs/stored-objects.ts';
import { defaultRetryPolicy } from '#core/runtime/retry.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { count } from '../../format.ts';
import type { Chosen } from '../plan.ts';
import type { Part, PartRequest } from './part.ts';

/** The objects of Git LFS. */
export async function planObjects(request: PartRequest, { address, entry }: Chosen): Promise<Part> {
  const { context, places, repository, to, exists } = request;
  const { content } = await new Catalogue(context.vault).snapshot(entry.item, entry.snapshot);
  const objects = [...storedObjects(content).values()];
  const bytes = objects.reduce((sum, one) => sum + one.bytes, 0);
  const base = { address, snapshot: entry.snapshot, items: 1, bytes, to };
  if (objects.length === 0)
    return {
      planned: { ...base, foreseen: 'left-out', why: { code: 'LeftOut', message: 'there were no objects' } },
      creations: 0,
    };
  const missing = content.lfs?.missing.length ?? 0;
  return {
    planned: {
      ...base,
      foreseen: exists ? 'content' : 'made',
      makes: [`objects: ${objects.length.toLocaleString('en')}`],
      lost: missing === 0 ? [] : [`${missing} × objects that the server did not have when it was backed up`],
    },
    creations: 0,
    run: async (sent) => {
      const api = new LfsApi(places.objectsOf(repository));
      const watch = { signal: context.signal, onProgress: sent };
      const { uploaded, refused } = await uploadObjects(context.vault, objects, api, defaultRetryPolicy, watch);
      const [first] = refused;
      if (first)
        return {
          outcome: 'failed',
          code: 'RemoteRefused',
          message: `${count(refused.length, 'object')} of ${objects.length} refused: ${first.oid}: ${first.why}`,
        };
      return { outcome: uploaded === 0 ? 'there' : 'restored' };
    },
  };
}
