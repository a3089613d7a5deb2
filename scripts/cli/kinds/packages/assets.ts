import type { Snapshot } from '#core/vault/catalogue.ts';
import type { Asset } from '#core/vault/manifest.ts';

/** The assets of a package's snapshot, those that it shares with earlier ones among them. */
export function assetsOf({ content }: Pick<Snapshot, 'content'>): Asset[] {
  return [...content.chain, ...content.data].filter((data) => data.format === 'asset');
}
