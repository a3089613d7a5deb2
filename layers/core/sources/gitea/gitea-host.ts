import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { identify, pageOf } from '../hosting/entries.ts';
import type { HostApi } from '../hosting/host-api.ts';
import type { GitHost, HostedPage } from '../hosting/hosted-source.ts';
import { repositorySchema } from './repository.ts';

/** What Gitea gives on one page at most, unless its administrator allows more (`MAX_RESPONSE_ITEMS`). */
const pageLength = 50;

const userSchema = v.object({ id: v.number(), login: v.string() });
const organisationSchema = v.object({ id: v.number(), name: v.optional(v.string()), username: v.optional(v.string()) });

/** Gitea and Forgejo, which have one API for what is needed here: https://forgejo.org/docs/latest/user/api-usage/ */
export const gitea: GitHost = {
  source: 'gitea',
  label: 'Gitea',

  async scope(api, owner, hasToken) {
    if (owner === undefined) {
      if (!hasToken)
        throw new HoldfastError(
          'ConfigurationInvalid',
          'neither an owner nor a token says whose repositories are meant',
          { advice: 'Name a user or an organisation, or give a token.' },
        );
      const { login } = await api.get('/user', "the token's own account", userSchema);
      return { name: `user ${login}, also where not the owner`, pages: repositories(api, '/user/repos') };
    }
    const name = encodeURIComponent(owner);
    const organisation = await api.find(`/orgs/${name}`, `the organisation ${owner}`, organisationSchema);
    if (organisation)
      return { name: `org ${organisation.name ?? owner}`, pages: repositories(api, `/orgs/${name}/repos`) };
    const user = await api.get(`/users/${name}`, `the user ${owner}`, userSchema);
    return { name: `user ${user.login}`, pages: repositories(api, `/users/${name}/repos`) };
  },

  repository: (api, id) =>
    api.get(`/repositories/${encodeURIComponent(id)}`, `the repository with the id ${id}`, repositorySchema),

  tokenOwner: async (api) => (await api.get('/user', "the token's own account", userSchema)).login,
};

async function* repositories(api: HostApi, path: string): AsyncGenerator<HostedPage> {
  const pages = api.pages(`${path}?limit=${pageLength}&page=1`, 'the repositories', v.array(v.unknown()), identify);
  for await (const { entries, headers } of pages) yield pageOf(entries, repositorySchema, headers, 'x-total-count');
}
