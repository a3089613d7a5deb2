/** A repository as a Git host's API describes it, with what all hosts have in common. */
export interface HostedRepository {
  /** The host's own number, which survives renames and transfers. */
  id: string;
  /** Owner or groups, then the repository's name. */
  path: readonly string[];
  /** Not readable by everyone: private, or internal to the host's users. */
  private: boolean;
  fork: boolean;
  archived: boolean;
  /** In bytes, and only roughly; undefined where the host does not say. */
  bytes: number | undefined;
  /** Whether the wiki is switched on; it may hold no page yet. */
  wiki: boolean;
  /** Why it holds no Git repository that could be read, though it is listed; undefined where it does. */
  unreadable?: string | undefined;
}
