import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '#core/vault/manifest.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { mergeSorted } from '../merge.ts';
import { readRecords } from '../read-records.ts';
import type { RecordLine } from '../record-line.ts';

/** What became of a record between two snapshots. */
export interface RecordChange {
  key: string;
  change: 'added' | 'removed' | 'changed';
  /** Its later state; of one that was removed, its last. */
  record: RecordLine;
  /** The names of the properties that differ, of one that was changed. */
  properties: string[];
}

type Snapshot = Pick<Manifest, 'chain' | 'data'>;

/** What changed from one snapshot to a later one, in the order of the keys. Holds one record of each at a time. */
export async function* recordChanges(vault: Vault, earlier: Snapshot, later: Snapshot): AsyncGenerator<RecordChange> {
  for await (const { key, lines } of mergeSorted([readRecords(vault, earlier), readRecords(vault, later)])) {
    const [was, is] = lines;
    const present = (line: RecordLine | undefined): boolean => line !== undefined && line.deleted === undefined;
    if (is && present(is) && !present(was)) yield { key, change: 'added', record: is, properties: [] };
    else if (was && present(was) && !present(is)) yield { key, change: 'removed', record: is ?? was, properties: [] };
    else if (was && is && present(is)) {
      const properties = different(was.record, is.record);
      if (properties.length > 0) yield { key, change: 'changed', record: is, properties };
    }
  }
}

function different(was: unknown, is: unknown): string[] {
  if (isDeepStrictEqual(was, is)) return [];
  const [before, after] = [was, is].map((one) => new Map(Object.entries(Object(one) as object)));
  const names = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  const changed = [...names].filter((name) => !isDeepStrictEqual(before?.get(name), after?.get(name)));
  return changed.length > 0 ? changed : ['value'];
}
