import type { Phase } from '#core/runtime/phase.ts';
import type { KindName } from '#core/sources/source.ts';
import type { SnapshotEntry } from '#core/vault/catalogue.ts';
import type { Source } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { RestoreFlags } from '../commands/restore/options.ts';
import type { RestoreJournal } from './journal.ts';
import type { Scope } from './scope.ts';

/** An item that is to come back, and the snapshot of it. */
export interface Chosen {
  /** As a person writes it. */
  address: string;
  source: Source;
  kind: KindName;
  /** Of the path that it had at the time that is restored. */
  entry: SnapshotEntry;
  /** Its path below the scope; never empty. */
  below: readonly string[];
}

/**
 * What will become of a thing, as far as it is known before anything is made: it is `made` with its content, or its
 * place is there already and gets the `content`; it is `there` already, equal; it `fails`; or it is `left-out`.
 */
export type Foreseen = 'made' | 'content' | 'there' | 'fails' | 'left-out';

/** One line of a plan. */
export interface Planned {
  address: string;
  snapshot?: SnapshotId;
  /** How many items it stands for: a repository of packages is restored as one, and has many versions. */
  items: number;
  /** Where it goes, for people; absent where it does not. */
  to?: string;
  /** Bytes that are read from the vault for it. */
  bytes: number;
  foreseen: Foreseen;
  /** Why it fails or is left out. */
  why?: { code: string; message: string; advice?: string | undefined };
  /** Of records: what is made, in order, for people. */
  makes?: string[];
  /** Of records: what cannot come back, and why. */
  lost?: string[];
}

/** What became of some items. */
export interface Result {
  address: string;
  snapshot?: SnapshotId;
  to?: string;
  outcome: 'restored' | 'there' | 'failed' | 'left-out';
  /** How many items it stands for. */
  items: number;
  code?: string;
  message?: string;
  advice?: string | undefined;
  /** What else the reader should know or do. */
  notes: string[];
  /** Of records: how many were compared with what was stored. */
  compared?: number;
  /** Of records: those that are not there as they were stored. */
  different?: { key: string; what: string }[];
}

export interface Watch {
  started(address: string, bytes: number): void;
  progress(address: string, bytes: number): void;
  phase(address: string, phase: Phase): void;
  finished(result: Result): void;
}

/** What one kind makes of the items that are its own. */
export interface KindPlan {
  /** In the order in which they are restored. */
  planned: readonly Planned[];
  /** What the reader should know beforehand. */
  notes: readonly string[];
  /** What the credential is known to lack for it. */
  lacks: readonly string[];
  /** How long it will take, in milliseconds; a guess. */
  estimateMs: number;
  /** Restores what is planned; one that fails stops no other. Tells of each item, those left out included. */
  act(watch: Watch): Promise<void>;
  close(): void;
}

/** What all kinds need to know of a restore of many items. */
export interface RestoreAll {
  flags: RestoreFlags & { to: string };
  scope: Scope;
  /** No later snapshot is restored. */
  until: SnapshotId | undefined;
  journal: RestoreJournal;
}
