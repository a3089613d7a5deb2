/**
 * What the threads are asked, and their answers. Names and paths are bytes, since file systems know no encoding; a list
 * of them is one array in which each ends in a zero byte. Paths are relative to the root of the tree that is walked.
 */

/** Counts over a tree, or over a part of it. */
export interface Counts {
  /** Everything: files, folders, links and the rest. */
  entries: number;
  /** Regular files, each of several hard links counted. */
  files: number;
  /** Their lengths. */
  bytes: number;
  /**
   * The exclusive or of a SHA-256 over each entry's path, type, mode, owner, group, time and length or target: the same
   * for two trees exactly if all of that is, in whatever order they were walked.
   */
  fingerprint: Uint8Array;
}

/** A tree that may already hold what the source holds. */
export interface Candidate {
  tree: string;
  /**
   * An inode that last changed before this time, in nanoseconds since 1970, was copied into this tree as it is now. What
   * has changed since is left to rsync, which alone can compare access control lists and extended attributes.
   */
  settled: bigint;
  /** Whether the job knows the digests of its files; what is linked from another is read for its own. */
  listed: boolean;
}

/** The part of the unchanged files that is compared by content: every file has its turn in one of so many runs. */
export interface Turn {
  part: number;
  period: number;
}

/** Reads one folder of a tree, makes it in the new tree, and links there what a candidate holds unchanged. */
export interface LinkJob {
  kind: 'link';
  from: string;
  to: string;
  candidates: readonly Candidate[];
  folder: Uint8Array;
  /** Only these names of it: the folder was too large for one job. */
  names?: Uint8Array | undefined;
  /** What the candidate that is listed has of digests of the folder's files; lines as in DigestList. */
  known: Uint8Array;
  /** Absent where no digests are wanted. */
  turn: Turn | undefined;
}

export interface LinkAnswer {
  /** Folders below, as paths. */
  folders: Uint8Array;
  /** Further jobs over the same folder: their names. */
  slices: Uint8Array[];
  /** Paths of what rsync must look at. */
  copy: Uint8Array;
  /** How many that are, and the bytes of the regular files among them. */
  copyEntries: number;
  copyBytes: number;
  /** Paths of files so large that each is worth its own worker. */
  large: Uint8Array;
  /** Paths of files that are to be copied and not linked to what a candidate has. */
  fresh: Uint8Array;
  /** Paths of files with several hard links, the number of the inode of each, and 1 for those as `fresh`. */
  hardLinks: Uint8Array;
  inodes: BigUint64Array;
  freshHardLinks: Uint8Array;
  /** The digests of what was linked; lines as in DigestList. */
  digests: Uint8Array;
  /** How many files were compared by content. */
  compared: number;
  /** Paths of those that the candidate holds otherwise than they were stored, and that have changed at the source. */
  damaged: Uint8Array;
  changed: Uint8Array;
  /** Paths of fifos, sockets and devices. */
  specials: Uint8Array;
  /** What was linked, and the folder itself is not among it. */
  linked: Counts;
  /** Paths of what was listed and then gone. */
  vanished: Uint8Array;
  /** Regular files that were listed. */
  files: number;
}

/** Looks at what rsync has made of these paths. */
export interface InspectJob {
  kind: 'inspect';
  from: string;
  to: string;
  paths: Uint8Array;
  /** Whether the paths are of folders. */
  folders: boolean;
  /** Where digests are wanted: what is known of them in the tree with which files may be shared. */
  digests: { tree: string | undefined; known: Uint8Array } | undefined;
}

export interface InspectAnswer {
  found: Counts;
  /** Gone from the source meanwhile, or turned into a folder. */
  vanished: Uint8Array;
  /** Still in the source, and not in the copy. */
  missing: Uint8Array;
  /** Of the regular files among them; lines as in DigestList. */
  digests: Uint8Array;
}

/** Counts one folder of a tree, and reads its files to their end. */
export interface CountJob {
  kind: 'count';
  tree: string;
  folder: Uint8Array;
  names?: Uint8Array | undefined;
  /** Digests of the folder's files, which are compared with them; lines as in DigestList. */
  known: Uint8Array;
}

export interface CountAnswer {
  folders: Uint8Array;
  slices: Uint8Array[];
  found: Counts;
  /** Paths of files that could not be read, or not to their end. */
  unreadable: Uint8Array;
  /** How many files were compared with a digest, and the paths of those that differ from it. */
  compared: number;
  different: Uint8Array;
}

/** Removes what is in one folder, but for folders. */
export interface RemoveJob {
  kind: 'remove';
  tree: string;
  folder: Uint8Array;
  names?: Uint8Array | undefined;
}

export interface RemoveAnswer {
  folders: Uint8Array;
  slices: Uint8Array[];
  removed: number;
}

/** Removes an empty folder. */
export interface RemoveFolderJob {
  kind: 'remove-folder';
  tree: string;
  folder: Uint8Array;
}

/**
 * Compares regular files of the left tree with what the right one has in their place, by content: by their digests
 * where these are known, so that damage on the left is found, too.
 */
export interface CompareJob {
  kind: 'compare';
  left: string;
  right: string;
  paths: Uint8Array;
  /** Lines as in DigestList. */
  known: Uint8Array;
}

export interface CompareAnswer {
  compared: number;
  /** Paths of files that differ, are missing, or cannot be read. */
  different: Uint8Array;
}

export type Job = LinkJob | InspectJob | CountJob | RemoveJob | RemoveFolderJob | CompareJob;

/** Each kind of job with its answer. */
export interface Answers {
  link: LinkAnswer;
  inspect: InspectAnswer;
  count: CountAnswer;
  remove: RemoveAnswer;
  'remove-folder': { removed: number };
  compare: CompareAnswer;
}

/** What a thread sends back. */
export type Reply = ({ answer: unknown } | { problem: { code: string; message: string; path: Uint8Array } }) & {
  /** How long the job took, in milliseconds, and how many calls to the file system it took at least. */
  took: number;
  calls: number;
};
