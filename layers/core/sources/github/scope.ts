import { HoldfastError } from '#core/runtime/errors.ts';
import type { GitHubAccount } from './accounts/account.ts';
import type { Account, GitHubApi, Listing } from './api.ts';
import { isAppRefused } from './api-error.ts';
import type { Installation } from './app/github-app.ts';
import type { GitHubSettings } from './settings.ts';

/** Which listing answers a run's settings. */
export interface Scope {
  /** What was asked for: `org acme`. */
  name: string;
  listing: Listing;
  /** What the account says that it owns; undefined where GitHub does not tell. */
  owned: { login: string; public: number | undefined; private: number | undefined };
  /** The account about which the run is: what it has beside repositories is kept with them. */
  account: GitHubAccount;
  warnings: string[];
}

/** @throws {HoldfastError} SourceMissing where there is no such account */
export async function findScope(
  api: GitHubApi,
  { owner, onlyOwned }: Pick<GitHubSettings, 'owner' | 'onlyOwned'>,
  hasToken: boolean,
  installation?: Installation,
): Promise<Scope> {
  if (installation) return ofInstallation(api, installation);
  if (owner === undefined) {
    if (!hasToken)
      throw new HoldfastError(
        'ConfigurationInvalid',
        'neither an owner nor a token says whose repositories are meant',
        {
          advice: 'Name a user or an organisation, or give a token.',
        },
      );
    return ofViewer(await api.viewer(), onlyOwned ?? false);
  }
  const account = await api.account(owner);
  if (account.type === 'Organization') {
    // The organisation's own page tells its members how many private repositories it has.
    const organisation = await api.organisation(account.login);
    const { login } = organisation;
    return {
      name: `org ${login}`,
      listing: { of: 'organisation', login },
      owned: owned(organisation),
      account: { ...known(organisation), type: account.type },
      warnings: [],
    };
  }
  const viewer = hasToken ? await viewerIfUser(api) : undefined;
  // Only this listing holds a user's private repositories.
  if (viewer?.login.toLowerCase() === account.login.toLowerCase()) return ofViewer(viewer, onlyOwned ?? true);
  const type = (onlyOwned ?? true) ? 'owner' : 'all';
  return {
    name: userScope(account.login, type === 'owner'),
    listing: { of: 'user', login: account.login, type },
    // Others' private repositories are in no listing.
    owned: { ...owned(account), private: undefined },
    account: known(account),
    warnings:
      hasToken && !viewer
        ? [`the token belongs to an app, so the private repositories of ${account.login} are not listed`]
        : [],
  };
}

/** All that an app may read of the account where it is installed; under the name that a token's listing of it has. */
async function ofInstallation(
  api: GitHubApi,
  { account: { id, login, type }, repository_selection: selection }: Installation,
): Promise<Scope> {
  const all = selection === 'all';
  const isOrganisation = type === 'Organization';
  const account = all ? await (isOrganisation ? api.organisation(login) : api.account(login)) : undefined;
  return {
    name: isOrganisation ? `org ${login}` : userScope(login, true),
    listing: { of: 'installation' },
    owned: account ? owned(account) : { login, public: undefined, private: undefined },
    account: { id, login, type, isViewer: false },
    warnings: all ? [] : [`the app is installed for selected repositories of ${login}, and lists no others`],
  };
}

function ofViewer(viewer: Account, onlyOwned: boolean): Scope {
  return {
    name: userScope(viewer.login, onlyOwned),
    listing: { of: 'viewer', affiliation: onlyOwned ? 'owner' : 'owner,collaborator,organization_member' },
    owned: owned(viewer),
    account: { ...known(viewer), isViewer: true },
    warnings: [],
  };
}

/** Undefined where the token belongs to an app and so to no user. */
async function viewerIfUser(api: GitHubApi): Promise<Account | undefined> {
  try {
    return await api.viewer();
  } catch (error) {
    if (isAppRefused(error)) return undefined;
    throw error;
  }
}

function userScope(login: string, onlyOwned: boolean): string {
  return onlyOwned ? `user ${login}` : `user ${login}, also where not the owner`;
}

function known({ id, login, type }: Account): GitHubAccount {
  return { id, login, type, isViewer: false };
}

function owned(account: Account): Scope['owned'] {
  return {
    login: account.login,
    public: account.public_repos ?? undefined,
    private: account.owned_private_repos ?? undefined,
  };
}
