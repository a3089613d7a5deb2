import type { Indexer } from '#core/git/pack-index.ts';
import { allRefs, type RefSelection } from '#core/git/refs.ts';
import { defaultRetryPolicy, type RetryPolicy } from '#core/runtime/retry.ts';
import type { RepositoryData } from '#core/vault/manifest.ts';
import type { ObjectTags } from '#core/vault/storage/vault.ts';

/** How repositories are taken. */
export interface BackupOptions {
  format: RepositoryData['format'];
  refs: RefSelection;
  /** Take a full snapshot even where an incremental one is enough. */
  full: boolean;
  /** A new full snapshot is taken when a chain has this many. */
  longestChain: number;
  /** A new full snapshot is taken when the increments weigh more than this many times their full snapshot. */
  heaviestChain: number;
  /** The largest repository that is taken as an archive, in bytes of its pack. */
  archiveLimit: number;
  /** The largest pack that is streamed here, in bytes; a larger one belongs where there is more time. */
  streamLimit: number;
  /** The most that is stored of the objects of Git LFS of one repository, in bytes. */
  lfsLimit: number;
  /** Whether to remember that the repository needs more time than a function has. */
  large: boolean;
  /** For the data objects, where storage knows tags. */
  tags: ObjectTags;
  /** How an archive's pack is indexed: in JavaScript, as in Lambda, unless there is native git for larger ones. */
  indexer: Indexer;
  /** Whether packs may hold deltas by offset: docs/decisions.md. */
  offsetDeltas: boolean;
  /**
   * Whether each snapshot is restored once before it counts. A server sends objects as they lie on its disk, and the hash
   * of a pack says nothing of whether they were whole there.
   */
  checkObjects: boolean;
  retry: RetryPolicy;
}

export const defaultBackupOptions: BackupOptions = {
  format: 'bundle',
  refs: allRefs,
  full: false,
  // A restore reads the whole chain, so it must stay short enough to read; a month of daily snapshots is.
  longestChain: 30,
  // Beyond this a full snapshot costs less storage than the next increments would save.
  heaviestChain: 1,
  // isomorphic-git holds about five times the pack in memory while it indexes it.
  archiveLimit: 200 << 20,
  streamLimit: Infinity,
  // GitHub gives an account 10 GiB of LFS downloads a month before they cost money.
  lfsLimit: 5e9,
  large: false,
  tags: {},
  indexer: 'javascript',
  offsetDeltas: true,
  checkObjects: false,
  retry: defaultRetryPolicy,
};
