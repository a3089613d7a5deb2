import type { Manifest, ManifestItem } from './manifest.ts';
import type { VersionCounts } from './outcome.ts';

/** What a backup would do with one item. */
export type Planned = { item: ManifestItem } & (
  | {
      plan: Manifest['kind'];
      /** Why it would be taken so, where that is not obvious. */
      why: string | undefined;
      /** Of a repository. */
      refs?: number;
    }
  | { plan: 'stored' | 'unchanged'; versions?: VersionCounts }
  | { plan: 'skipped'; why: string }
  | { plan: 'failed'; code: string; message: string; advice?: string }
);
