import { drillsPrefix, parseSnapshotKey, removedPrefix, type Source } from '../layout.ts';
import { isSnapshotId } from '../snapshot-id.ts';
import type { ListedObject, Vault } from '../storage/vault.ts';
import { chainFile } from './read-chain.ts';

/** What the chain covers of a run, beside the snapshots that it made. */
const filesOfRun = ['inventory.json', 'report.json', chainFile];

/**
 * All that the chain of a source covers: manifests, then records of removals and of drills, and of each run its inventory,
 * its report and its list. Manifests come first: a removal is recorded before it is made, so what is gone from them is in
 * the records.
 * @param each takes every object of the source's items, data too, in the order of keys
 */
export async function* chainFiles(
  vault: Vault,
  source: Source,
  each: (object: ListedObject) => void = () => undefined,
): AsyncGenerator<ListedObject> {
  for await (const object of vault.list(`${source}/`)) {
    each(object);
    if (isManifest(object.key)) yield object;
  }
  for (const prefix of [removedPrefix(source), drillsPrefix(source)])
    for await (const object of vault.list(prefix)) if (/\/[^/]+\.json$/.test(object.key)) yield object;
  for await (const object of vault.list(`runs/${source}/`)) if (isOfARun(object.key)) yield object;
}

export function isManifest(key: string): boolean {
  return parseSnapshotKey(key)?.name === 'manifest.json';
}

export function isReport(key: string): boolean {
  return key.startsWith('runs/') && key.endsWith('/report.json');
}

function isOfARun(key: string): boolean {
  const [, , run = '', name = '', ...rest] = key.split('/');
  return isSnapshotId(run) && filesOfRun.includes(name) && rest.length === 0;
}
