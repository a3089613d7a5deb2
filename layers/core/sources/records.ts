import type { ManifestItem } from '#core/vault/manifest.ts';
import type { RecordTypeState } from '#core/vault/records-state.ts';

/** One document of an API, as it was received. */
export interface SourceRecord {
  /** What it is: `issue`, `release`. */
  type: string;
  /**
   * Its natural key, a path that no other record of the dataset has: `issues/17`, `issues/17/comments/123`. What belongs
   * to another record stands below it, and goes with it.
   */
  key: string;
  /** The version of the API that gave it. */
  api: string;
  record: unknown;
  /** When it was changed last, by the source's clock, of a type that is read by what has changed. ISO 8601. */
  at?: string;
}

/** A file that belongs to records, such as the asset of a release. */
export interface SourceFile {
  /** Names its content: under the same id the source never has another content. */
  id: string;
  /** What the source calls it. */
  name: string;
  /** Undefined where the source does not state it beforehand. */
  bytes: number | undefined;
  /** In hexadecimal; undefined where the source states none. */
  sha256: string | undefined;
  read: () => AsyncIterable<Buffer>;
}

/** What a dataset is told of the snapshot before, and where it puts what it reads. */
export interface RecordSink {
  /** What the vault has of a type; undefined where it has nothing yet. */
  known(type: string): RecordTypeState | undefined;
  /**
   * From when on the source is asked for what has changed of a type, a little before its watermark; undefined where all
   * of it is to be read.
   */
  since(type: string): string | undefined;
  /** What an earlier run noted under this name. */
  noted(name: string): string | undefined;
  /** Whether everything is to be looked at, so that what is gone is found. */
  readonly reconcile: boolean;
  /** @returns whether it may be news: false where the snapshot before tells that it is as it was */
  put(record: SourceRecord): Promise<boolean>;
  /** Says that a record is there still; its content is not looked at. */
  exists(type: string, key: string): Promise<void>;
  /** Says that all there is of a type, or all below a key, was put or said to exist: whatever else is stored is gone. */
  whole(type: string, below?: string): void;
  /** Says that all that was to be read of a type was read; without it the snapshot calls the type incomplete. */
  done(type: string): void;
  /** Says that nothing of a type that was changed up to this time, as the source wrote it, is missing. */
  watermark(type: string, time: string): void;
  /** Says that records of a type were not read; what is stored of them stays. */
  omit(type: string, why: string): void;
  /** Remembers something for the next run. */
  note(name: string, value: string): void;
  /** A file that belongs to records; one that is stored already is not read. @returns whether the vault has it */
  file(file: SourceFile): Promise<boolean>;
}

/** Records of one item that are kept together. */
export interface Dataset {
  /** Reads what has changed, or all. */
  read(sink: RecordSink): Promise<void>;
  /**
   * A record without what changes by itself, such as counters of downloads: what makes two looks at it the same.
   * By default all of it.
   */
  comparable?(type: string, record: unknown): unknown;
  /**
   * Whether files that were not named in a run stay with the snapshots that follow, since only what has changed is read. By
   * default a full snapshot leaves out what its source does not name any more.
   */
  readonly filesStay?: boolean;
}

/** A place that holds records. */
export interface RecordSource {
  dataset(item: ManifestItem): Dataset;
}
