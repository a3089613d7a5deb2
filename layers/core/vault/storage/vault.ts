/**
 * Where snapshots live, as the rest of the program sees it: keys with slashes, below a prefix that only the
 * implementation knows. Nothing is overwritten but by `replace`. All failures are HoldfastErrors: NotFound, AlreadyExists,
 * AccessDenied, or StorageFailed (`transient` where a second try makes sense).
 */
export interface Vault {
  /** The location as a person writes it: a folder, or `s3://bucket/prefix`. */
  readonly location: string;
  /**
   * Starts an object of unknown length. It exists only once the writer has finished.
   * @param tags for those who sort objects by tags; where storage knows none they are left out
   */
  writer(key: string, tags?: ObjectTags): ObjectWriter;
  /** Creates a small object whole, or fails with AlreadyExists, also when two try at once. */
  create(key: string, content: Uint8Array): Promise<void>;
  /** Stores a small object in place of another. Only for signposts, which say nothing that cannot be found without. */
  replace(key: string, content: Uint8Array): Promise<void>;
  /** The bytes of an object, in order. */
  read(key: string): AsyncIterable<Buffer>;
  /** Its size, or undefined where there is no such object. */
  stat(key: string): Promise<{ bytes: number } | undefined>;
  /** All objects whose key begins with the prefix, in byte order of their keys. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /** Removes an object; one that is not there is no error. */
  remove(key: string): Promise<void>;
  /** Writes that began and never ended, be it that they are under way or that their process died. */
  unfinished(): AsyncIterable<UnfinishedWrite>;
  /** What can be known of the store behind it only by asking; absent where there is nothing to ask. */
  readonly store?: Store;
}

/** A store that others run, and that may not be able to do all that a vault needs. */
export interface Store {
  /** Its host, where it is another one's than AWS's. */
  address(): Promise<string | undefined>;
  /** Where the vault lies and what is set, if these are different regions. */
  otherRegion(): Promise<{ bucket: string; configured: string } | undefined>;
  /** Whether it refuses to create an object that is there already. Tried on its own key, which stays. */
  createsOnce(): Promise<boolean>;
  /** Whether the vault's owner accepts that it does not. */
  overwritesAccepted(): Promise<boolean>;
  /** Records that it is accepted, for all who write into this vault. */
  acceptOverwrites(): Promise<void>;
}

export type ObjectTags = Readonly<Record<string, string>>;

export interface UnfinishedWrite {
  /** For people. */
  name: string;
  since: Date;
  remove: () => Promise<void>;
}

export interface ListedObject {
  key: string;
  bytes: number;
  modified: Date;
}

export interface StoredObject {
  key: string;
  bytes: number;
  /** Of the whole object, in hexadecimal. */
  sha256: string;
}

/** Takes a stream into the vault while holding only a few blocks of it in memory. */
export interface ObjectWriter {
  /** Takes bytes; they may be reused once this returns, or once the promise that it returns resolves. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Makes the object exist. @throws {HoldfastError} after which nothing of it exists */
  finish(): Promise<StoredObject>;
  /** Leaves nothing behind. Safe to call at any time, also twice. */
  abort(): Promise<void>;
}
