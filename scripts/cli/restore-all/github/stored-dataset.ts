import { filesOf, readRecords } from '#core/records/read-records.ts';
import type { StoredDataset } from '#core/sources/github/restore/stored.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** What is restored of one dataset. */
export interface OpenedDataset extends StoredDataset {
  /** The repository to which it belongs: `acme/web`. */
  repository: string;
  /** Bytes in the vault, without files. */
  bytes: number;
  /** Why it is not whole. */
  omitted: string[];
}

export async function openDataset(vault: Vault, { item, snapshot }: SnapshotEntry): Promise<OpenedDataset> {
  const { manifest, content } = await new Catalogue(vault).snapshot(item, snapshot);
  const records = [...content.chain, ...content.data].filter(({ format }) => format === 'records');
  return {
    snapshot,
    repository: manifest.item.path.slice(0, 2).join('/'),
    bytes: records.reduce((sum, { bytes }) => sum + bytes, 0),
    omitted: manifest.omitted.map(({ what, why }) => `${what}: ${why}`),
    records: () => readRecords(vault, content),
    files: new Map(
      filesOf(content).map((file) => [
        file.id,
        { id: file.id, name: file.name, bytes: file.bytes, sha256: file.sha256, read: () => readProven(vault, file) },
      ]),
    ),
  };
}
