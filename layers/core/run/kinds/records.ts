import { backUpRecords } from '#core/records/backup/back-up-records.ts';
import { proveRecordData } from '#core/records/prove-records.ts';
import { readRecords } from '#core/records/read-records.ts';
import { throwIfInterrupted, type HoldfastError } from '#core/runtime/errors.ts';
import type { RecordSource } from '#core/sources/records.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import type { Planned } from '#core/vault/planned.ts';
import { findPrevious } from '#core/vault/previous.ts';
import type { ItemRequest } from '../item-request.ts';
import type { Kind } from './kind.ts';

/**
 * Records of an API: a snapshot is drilled by reading all of its chain as a restore would, record by record, and every
 * file that belongs to them.
 */
export const records: Kind<RecordSource> = {
  backUp: backUpDataset,
  plan: planDataset,
  verify: (vault, data, _manifest, count) => proveRecordData(vault, data, count),
  async drill({ vault, snapshot: { content }, signal, onProgress, onPhase, onTotal }, proof) {
    const data = [...content.chain, ...content.data];
    onTotal?.(data.reduce((sum, { bytes }) => sum + bytes, 0));
    onPhase?.('reading');
    proof.proven = { record: 0, file: 0 };
    for await (const { deleted } of readRecords(vault, content)) {
      throwIfInterrupted(signal);
      if (deleted === undefined) proof.proven['record'] = (proof.proven['record'] ?? 0) + 1;
    }
    // Reading the records to their end has proven the objects that hold them.
    for (const one of data) {
      const before = proof.bytes;
      const count = (bytes: number): void => {
        throwIfInterrupted(signal);
        onProgress?.(before + bytes);
      };
      if (one.format === 'file') {
        await proveRecordData(vault, one, count);
        proof.proven['file'] = (proof.proven['file'] ?? 0) + 1;
      }
      proof.bytes = before + one.bytes;
    }
  },
};

function backUpDataset(request: ItemRequest<RecordSource>, item: ManifestItem): Promise<Stored | Unchanged> {
  const { source, vault, options, run, announced, signal, onProgress, onRetry } = request;
  const { full, longestChain, heaviestChain, tags, retry } = options;
  return backUpRecords({
    item,
    dataset: source.dataset(item),
    vault,
    snapshot: run,
    options: { full, longestChain, heaviestChain, tags, retry },
    announced,
    signal,
    ...(onProgress ? { onProgress: (bytes: number) => onProgress(item, bytes) } : {}),
    ...(onRetry ? { onRetry: (error: HoldfastError) => onRetry(item, error) } : {}),
  });
}

/** What has changed is known only once it is read. */
async function planDataset({ vault }: Pick<ItemRequest<RecordSource>, 'vault'>, item: ManifestItem): Promise<Planned> {
  const { latest } = await findPrevious(new Catalogue(vault), item);
  return latest
    ? {
        item,
        plan: 'incremental',
        why: `if anything has changed since ${latest.manifest.snapshot}, which only reading it tells`,
      }
    : { item, plan: 'full', why: 'there is no earlier snapshot' };
}
