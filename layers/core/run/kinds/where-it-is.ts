import { hasCode } from '#core/runtime/errors.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';

/** Does something with an item, and where it was renamed since it was listed, with what it is called now. */
export async function whereItIs<T>(
  source: { locate?(item: ManifestItem): Promise<ManifestItem | undefined> },
  item: ManifestItem,
  act: (item: ManifestItem) => Promise<T>,
): Promise<T> {
  try {
    return await act(item);
  } catch (error) {
    if (!hasCode(error, 'SourceMissing')) throw error;
    const now = await source.locate?.(item);
    if (!now || now.path.join('/') === item.path.join('/')) throw error;
    return act(now);
  }
}
