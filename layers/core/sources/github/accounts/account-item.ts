import type { ManifestItem } from '#core/vault/manifest.ts';
import type { GitHubAccount } from './account.ts';

/** No repository at GitHub has a name with this sign, so nothing below an account is taken for one. */
const sign = '@';

const gists = `${sign}gists`;

type Owner = Pick<GitHubAccount, 'id' | 'login'>;

/**
 * The item of a dataset that belongs to an account and not to one of its repositories: `acme/@organization`. Its id begins
 * with the sign too, by which a comparison of lists knows that it may have been left out by a setting.
 */
export function accountItem({ id, login }: Owner, dataset: string): ManifestItem {
  const part = `${sign}${dataset}`;
  return { source: 'github', id: `${sign}${id}.${dataset}`, path: [login, part], name: `${login}/${part}` };
}

/** The item of the Git repository of one gist. @param gist GitHub's name of it, in hexadecimal */
export function gistItem({ login }: Pick<GitHubAccount, 'login'>, gist: string): ManifestItem {
  return { source: 'github', id: `${sign}gist.${gist}`, path: [login, gists, gist], name: `${login}/${gists}/${gist}` };
}

/** What an item below an account stands for; undefined for what belongs to a repository. */
export function placeBelowAccount(
  path: readonly string[],
): { login: string; dataset: string; gist: string | undefined } | undefined {
  const [login = '', part = '', gist, ...rest] = path;
  if (!part.startsWith(sign) || rest.length > 0 || (gist !== undefined && part !== gists)) return undefined;
  return { login, dataset: part.slice(sign.length), gist };
}

/** The number of the account to which such an item belongs; undefined for any other item. */
export function accountIdOf({ id }: Pick<ManifestItem, 'id'>): string | undefined {
  return /^@(\d+)\./.exec(id)?.[1];
}
