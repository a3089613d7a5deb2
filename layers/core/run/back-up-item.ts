import { HoldfastError, messageOf } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Failed, PackageOutcome, Stored, Unchanged } from '#core/vault/outcome.ts';
import type { ItemRequest } from './item-request.ts';
import { as, kindOf } from './kinds/table.ts';

/** The second step of a run, for one item. */
export async function backUpItem(
  request: ItemRequest,
  item: ManifestItem,
): Promise<Stored | Unchanged | PackageOutcome> {
  return as(kindOf(item), request.source, (kind, source) => kind.backUp({ ...request, source }, item));
}

/** What an error says of an item, fit to be stored and printed. */
export function failure(error: unknown): Pick<Failed, 'code' | 'message' | 'advice'> {
  if (!(error instanceof HoldfastError)) return { code: 'Unexpected', message: mask(messageOf(error)) };
  const advice = error.advice === undefined ? {} : { advice: error.advice };
  return { code: error.code, message: mask(error.message), ...advice };
}
