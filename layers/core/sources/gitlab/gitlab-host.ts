import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { identify, pageOf } from '../hosting/entries.ts';
import type { HostApi } from '../hosting/host-api.ts';
import type { GitHost, HostedPage } from '../hosting/hosted-source.ts';
import { projectSchema } from './repository.ts';

/** The most that GitLab gives on one page. */
const pageLength = 100;

const userSchema = v.object({ id: v.number(), username: v.string() });
const groupSchema = v.object({ id: v.number(), full_path: v.string() });

/** GitLab, at gitlab.com or self-managed: https://docs.gitlab.com/api/rest/ */
export const gitLab: GitHost = {
  source: 'gitlab',
  label: 'GitLab',

  async scope(api, owner, hasToken) {
    if (owner === undefined) {
      if (!hasToken)
        throw new HoldfastError(
          'ConfigurationInvalid',
          'neither a group or user nor a token says whose projects are meant',
          { advice: 'Name a group or a user, or give a token.' },
        );
      const user = await api.get('/user', "the token's own account", userSchema);
      return {
        name: `user ${user.username}, also where not the owner`,
        // Keyset pages are the only ones that do not end at 50,000 projects.
        pages: projects(api, '/projects', { membership: 'true', pagination: 'keyset' }, hasToken),
      };
    }
    const group = await api.find(`/groups/${encodeURIComponent(owner)}`, `the group ${owner}`, groupSchema);
    if (group)
      return {
        name: `group ${group.full_path}`,
        // Projects that other groups share with this one are theirs, and listed there.
        pages: projects(
          api,
          `/groups/${group.id}/projects`,
          { include_subgroups: 'true', with_shared: 'false' },
          hasToken,
        ),
      };
    const [user] = await api.get(
      `/users?username=${encodeURIComponent(owner)}`,
      `the user ${owner}`,
      v.array(userSchema),
    );
    if (user)
      return { name: `user ${user.username}`, pages: projects(api, `/users/${user.id}/projects`, {}, hasToken) };
    throw new HoldfastError('SourceMissing', `GitLab has no group and no user ${owner}`, {
      advice: hasToken
        ? 'Check the name, with all groups above it; the answer is the same for what the token cannot see.'
        : 'Check the name, with all groups above it; private groups are visible only with a token.',
    });
  },

  repository: (api, id) =>
    api.get(`/projects/${encodeURIComponent(id)}`, `the project with the id ${id}`, projectSchema),

  tokenOwner: async (api) => (await api.get('/user', "the token's own account", userSchema)).username,
};

async function* projects(
  api: HostApi,
  path: string,
  filter: Record<string, string>,
  hasToken: boolean,
): AsyncGenerator<HostedPage> {
  const query = new URLSearchParams({
    ...filter,
    order_by: 'id',
    sort: 'asc',
    per_page: String(pageLength),
    ...(hasToken ? { statistics: 'true' } : {}),
  });
  const pages = api.pages(`${path}?${query.toString()}`, 'the projects', v.array(v.unknown()), identify);
  for await (const { entries, headers } of pages) yield pageOf(entries, projectSchema, headers, 'x-total');
}
