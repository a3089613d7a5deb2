import type { KindName } from '../../source.ts';
import type { GitHubAccount } from '../accounts/account.ts';
import type { Repository } from '../repository.ts';

/** The right to read something, as each sort of credential calls it. */
export interface Right {
  /**
   * The permission of GitHub Apps and fine-grained tokens, of a repository or of an organisation.
   * https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
   */
  permission: string;
  /**
   * One of these scopes of classic tokens gives it; none is needed where it is empty: what such a token sees, it reads.
   * https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
   */
  scopes: readonly string[];
}

interface Definition {
  /** What settings call it, and the last part of its items' paths. */
  readonly name: string;
  /** What is kept, for people: `the wiki`. */
  readonly what: string;
  /** As what sort of thing it is kept. */
  readonly kind: KindName;
  /** Without these GitHub does not show it. */
  readonly rights: readonly Right[];
}

/** A part of what GitHub holds of a repository, kept as an item of its own beside the code. */
export interface DatasetDefinition extends Definition {
  readonly of: 'repository';
  /** Whether a repository can have it; false where it is switched off there. */
  isOf(repository: Repository): boolean;
}

/** What GitHub holds of an account beside its repositories, kept as an item below the account. */
export interface AccountDataset extends Definition {
  readonly of: 'account';
  /** Whether it is taken only where it is asked for by name, since what it tells of is others'. */
  readonly onlyByName?: boolean;
  /** Why no app is given it, whatever its permissions; undefined where apps are. */
  withoutApps?(account: Pick<GitHubAccount, 'type'>): string | undefined;
  /** Whether such an account can have it. */
  isOf(account: Pick<GitHubAccount, 'type'>): boolean;
}

export type AnyDataset = DatasetDefinition | AccountDataset;
