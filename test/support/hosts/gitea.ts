/**
 * A stand-in for Gitea and Forgejo: the endpoints by which repositories are found, as https://docs.gitea.com/api/
 * describes them. The types of `gitea-js`, generated from that description, hold its answers against it.
 */
import type { Organization, Repository, User } from 'gitea-js';
import { page, startHost, type ApiReply, type ApiRequest, type Host } from './server.ts';
import { HostState, type HostRepository } from './state.ts';

const base = '/api/v1';

export function startGitea(options: ConstructorParameters<typeof HostState>[0]): Promise<Host> {
  return startHost(new HostState(options), { base, answer });
}

type Endpoint = (request: ApiRequest, ...parts: string[]) => ApiReply;

const endpoints: readonly [RegExp, Endpoint][] = [
  [/^\/user$/, viewer],
  [/^\/user\/repos$/, ownRepositories],
  [/^\/users\/([^/]+)$/, user],
  [/^\/users\/([^/]+)\/repos$/, (request, name = '') => repositoriesOf(request, name, 'user')],
  [/^\/orgs\/([^/]+)$/, organisation],
  [/^\/orgs\/([^/]+)\/repos$/, (request, name = '') => repositoriesOf(request, name, 'group')],
  [/^\/repositories\/(\d+)$/, repository],
];

const notFound: ApiReply = { status: 404, body: { message: 'The target could not be found.', url: '', errors: [] } };

function answer(request: ApiRequest): ApiReply {
  for (const [pattern, endpoint] of endpoints) {
    const match = pattern.exec(request.path);
    if (match) return endpoint(request, ...match.slice(1).map(decodeURIComponent));
  }
  return notFound;
}

function viewer({ viewer: login, ...request }: ApiRequest): ApiReply {
  return login === undefined
    ? { status: 401, body: { message: 'token is required' } }
    : user({ viewer: login, ...request }, login);
}

function user({ state }: ApiRequest, name = ''): ApiReply {
  const account = state.account(name, 'user') ?? state.account(name, 'group');
  if (!account) return notFound;
  const body: User = { id: account.id, login: account.name };
  return { status: 200, body };
}

function organisation({ state }: ApiRequest, name = ''): ApiReply {
  const account = state.account(name, 'group');
  if (!account) return notFound;
  const body: Organization = { id: account.id, name: account.name };
  return { status: 200, body };
}

function repositoriesOf(request: ApiRequest, name: string, type: 'user' | 'group'): ApiReply {
  const account = request.state.account(name, type);
  return account ? listing(request, ({ fullName }) => fullName.startsWith(`${account.name}/`)) : notFound;
}

function ownRepositories(request: ApiRequest): ApiReply {
  const { state, viewer: login } = request;
  return listing(request, (one) => login !== undefined && state.isMember(login, one));
}

function repository({ state, viewer: login, url }: ApiRequest, id = ''): ApiReply {
  const found = state.byId(id);
  return found && state.canRead(login, found) ? { status: 200, body: repositoryOf(found, url) } : notFound;
}

function listing(request: ApiRequest, chosen: (repository: HostRepository) => boolean): ApiReply {
  const { state, viewer: login, url } = request;
  const entries = state.repositories
    .filter((one) => state.canRead(login, one) && chosen(one))
    .map((one) => state.changeEntry(repositoryOf(one, url)));
  return page(entries, request, base, 'limit', 'x-total-count');
}

/** `has_code` came with Gitea 1.24, and the types do not have it yet. */
function repositoryOf(one: HostRepository, url: string): Repository & { has_code: boolean } {
  const [owner = '', name = ''] = one.fullName.split('/');
  return {
    id: one.id,
    name,
    full_name: one.fullName,
    owner: { login: owner },
    private: one.visibility === 'private',
    internal: one.visibility === 'internal',
    fork: one.fork,
    archived: one.archived,
    size: 4,
    clone_url: `${url}/${one.fullName}.git`,
    has_code: one.code,
    has_wiki: one.wiki,
  };
}
