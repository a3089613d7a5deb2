/** Whose repositories a run lists, as far as it is known, and what else that account has is kept with them. */
export interface GitHubAccount {
  /** GitHub's number of it, which survives a new login. */
  id: number;
  login: string;
  type: string;
  /** Whether it is the credential's own user, who sees more of it than others do. */
  isViewer: boolean;
}
