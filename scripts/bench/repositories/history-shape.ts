/** How large a made history is and how it looks. */
export interface HistoryShape {
  seed: string;
  /** Changes on the main branch, a part of them through pull requests. */
  changes: number;
  /** Files that exist at the end. */
  files: number;
  /** Lines of a new file, on average; three times as many in those that are changed most, as is common. */
  linesOfFile: number;
  /** Lines that one change rewrites in one file, on average. */
  linesOfChange: number;
}

/** The share of changes that come by a merged pull request, and the share that stay open pull requests. */
export const pullShares = { merged: 0.2, open: 0.04 };

/** The share of files that about half of all changes touch. */
export const hotShare = 0.15;
