/**
 * A stand-in for GitLab: the endpoints by which projects are found, as https://docs.gitlab.com/api/rest/ describes
 * them. The types of `@gitbeaker/core` hold its answers against that description.
 */
import type { ExpandedGroupSchema, ProjectSchema, UserSchema } from '@gitbeaker/core';
import { page, startHost, type ApiReply, type ApiRequest, type Host } from './server.ts';
import { HostState, type HostAccount, type HostRepository } from './state.ts';

const base = '/api/v4';

export function startGitLab(options: ConstructorParameters<typeof HostState>[0]): Promise<Host> {
  return startHost(new HostState(options), { base, answer });
}

type Endpoint = (request: ApiRequest, ...parts: string[]) => ApiReply;

const endpoints: readonly [RegExp, Endpoint][] = [
  [/^\/user$/, viewer],
  [/^\/users$/, users],
  [/^\/projects$/, ownProjects],
  [/^\/projects\/([^/]+)$/, project],
  [/^\/groups\/([^/]+)$/, group],
  [/^\/groups\/(\d+)\/projects$/, groupProjects],
  [/^\/users\/(\d+)\/projects$/, userProjects],
];

const notFound: ApiReply = { status: 404, body: { message: '404 Not Found' } };

function answer(request: ApiRequest): ApiReply {
  for (const [pattern, endpoint] of endpoints) {
    const match = pattern.exec(request.path);
    if (match) return endpoint(request, ...match.slice(1).map(decodeURIComponent));
  }
  return notFound;
}

function viewer({ state, viewer: login }: ApiRequest): ApiReply {
  const account = login === undefined ? undefined : state.account(login, 'user');
  return account ? { status: 200, body: userOf(account) } : { status: 401, body: { message: '401 Unauthorized' } };
}

function users({ state, query }: ApiRequest): ApiReply {
  const account = state.account(query.get('username') ?? '', 'user');
  return { status: 200, body: account ? [userOf(account)] : [] };
}

function group({ state }: ApiRequest, name = ''): ApiReply {
  const account = state.account(name, 'group');
  if (!account) return { status: 404, body: { message: '404 Group Not Found' } };
  const body: Pick<ExpandedGroupSchema, 'id' | 'name' | 'full_path'> = {
    id: account.id,
    name: account.name,
    full_path: account.name,
  };
  return { status: 200, body };
}

function groupProjects(request: ApiRequest, id?: string): ApiReply {
  const account = request.state.accounts.find((one) => one.type === 'group' && String(one.id) === id);
  const deep = request.query.get('include_subgroups') === 'true';
  return account ? listing(request, (one) => isBelow(one, account, deep)) : notFound;
}

function userProjects(request: ApiRequest, id?: string): ApiReply {
  const account = request.state.accounts.find((one) => one.type === 'user' && String(one.id) === id);
  return account ? listing(request, (one) => isBelow(one, account, false)) : notFound;
}

function ownProjects(request: ApiRequest): ApiReply {
  const { state, viewer: login, query } = request;
  const member = query.get('membership') === 'true';
  return listing(request, (one) => !member || (login !== undefined && state.isMember(login, one)));
}

function project({ state, viewer: login }: ApiRequest, id = ''): ApiReply {
  const found = state.byId(id);
  if (!found || !state.canRead(login, found)) return { status: 404, body: { message: '404 Project Not Found' } };
  return { status: 200, body: projectOf(found) };
}

function listing(request: ApiRequest, chosen: (repository: HostRepository) => boolean): ApiReply {
  const { state, viewer: login } = request;
  const entries = state.repositories
    .filter((one) => state.canRead(login, one) && chosen(one))
    .map((one) => state.changeEntry(projectOf(one)));
  return page(entries, request, base, 'per_page', 'x-total');
}

function isBelow({ fullName }: HostRepository, account: HostAccount, deep: boolean): boolean {
  const above = fullName.split('/').slice(0, -1).join('/');
  return above === account.name || (deep && above.startsWith(`${account.name}/`));
}

function userOf({ id, name }: HostAccount): Pick<UserSchema, 'id' | 'username'> {
  return { id, username: name };
}

function projectOf(one: HostRepository): Partial<ProjectSchema> & { statistics: { repository_size: number } } {
  return {
    id: one.id,
    path_with_namespace: one.fullName,
    visibility: one.visibility,
    archived: one.archived,
    ...(one.fork ? { forked_from_project: { id: 1, name: 'other' } } : {}),
    repository_access_level: one.code ? 'enabled' : 'disabled',
    wiki_access_level: one.wiki ? 'enabled' : 'disabled',
    statistics: { repository_size: 4096 },
  };
}
