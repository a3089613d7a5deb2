import type { RecordLine } from '#core/records/record-line.ts';
import type { Catalogue, Snapshot } from '#core/vault/catalogue.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { CatFlags } from '../commands/cat/options.ts';
import type { DiffFlags } from '../commands/diff/options.ts';
import type { LsFlags } from '../commands/ls/options.ts';
import type { RestoreFlags } from '../commands/restore/options.ts';
import type { ShowFlags } from '../commands/show/options.ts';
import type { Context } from '../context.ts';
import type { AllTarget } from '../restore-all/places/open-places.ts';
import type { Chosen, KindPlan, RestoreAll } from '../restore-all/plan.ts';

/** A snapshot that a person looks into. */
export interface Shown {
  catalogue: Catalogue;
  snapshot: Snapshot;
  /** As it was typed. */
  typed: string;
}

/** What the command line does with snapshots in the way of their kind. */
export interface KindVerbs {
  /** Says what is in a snapshot. */
  show(context: Context, flags: ShowFlags, shown: Shown): void | Promise<void>;
  /** Lists its files. @param path below which; empty for all */
  ls(context: Context, flags: LsFlags, shown: Shown, path: string): Promise<number>;
  /** Prints one of its files. */
  cat(context: Context, flags: CatFlags, shown: Shown, path: string): Promise<number>;
  /** Says what changed from an earlier snapshot to a later one. */
  diff(context: Context, flags: DiffFlags, earlier: Shown, later: Shown): Promise<number>;
  /** Reads the records of a snapshot; absent where the kind has none. */
  readonly records?: (vault: Vault, content: Snapshot['content']) => AsyncIterable<RecordLine>;
  /** Brings back what an address names. */
  restore(context: Context, flags: RestoreFlags & { to: string }, typed: string): Promise<number>;
  /** Plans how many of its items come back at once; absent where each is restored by itself. */
  planAll?(context: Context, request: RestoreAll, items: readonly Chosen[]): Promise<KindPlan>;
}

/** A kind as the options of verbs speak of it; cheap to load. */
export interface KindOnCommandLine {
  /** One of its items, as it reads after "does not apply to". */
  readonly one: string;
  readonly many: string;
  /** Options of verbs that only this kind takes, and what they are for, as it reads after the option. */
  readonly options?: Readonly<Record<string, string>>;
  /** Where `restore --all` can bring its items. */
  readonly goesTo: readonly AllTarget['sort'][];
  /** Whether only a backup that reads its items learns which of them have changed. */
  readonly changesUnread?: true;
  load(): Promise<KindVerbs>;
}
