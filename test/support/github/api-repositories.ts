/** Repositories as the REST endpoints of the stand-in for GitHub list and show them. */
import { accountFields, documentation, failure, timestamp, type ApiAnswer, type ApiCall } from './api-answer.ts';
import { listedRepository, onlyOnPage } from './documents.ts';
import type { Account, GitHubRepository } from './state.ts';

export function organization(found: Account | undefined): Account | undefined {
  return found?.type === 'Organization' ? found : undefined;
}

export function repositoriesOfViewer(call: ApiCall): ApiAnswer {
  const { state, viewer, query } = call;
  if (viewer === undefined) return failure(401, 'Requires authentication');
  const type = query.get('type');
  if (type !== null && (query.has('visibility') || query.has('affiliation'))) {
    return failure(422, 'If you specify visibility or affiliation, you cannot specify type.');
  }
  const affiliations = query.get('affiliation') ?? 'owner,collaborator,organization_member';
  const visibility = query.get('visibility') ?? type ?? 'all';
  const chosen = state.repositories.filter((one) => {
    const affiliation = state.affiliation(viewer, one);
    if (affiliation === undefined || !affiliations.split(',').includes(affiliation)) return false;
    if (type === 'owner' || type === 'member') return (type === 'owner') === (affiliation === 'owner');
    return visibility === 'all' || one.private === (visibility === 'private');
  });
  return listing(call, chosen, '/user/repos', 'full_name');
}

export function repositoriesOfUser(call: ApiCall, owner: Account | undefined): ApiAnswer {
  if (!owner) return failure(404, 'Not Found');
  const type = call.query.get('type') ?? 'owner';
  const chosen = call.state.repositories.filter((one) => {
    const affiliation = call.state.ownerOf(one) === owner ? 'owner' : call.state.affiliation(owner.login, one);
    if (one.private || affiliation === undefined) return false;
    return type === 'all' || (type === 'member') === (affiliation !== 'owner');
  });
  return listing(call, chosen, `/user/${owner.id}/repos`, 'full_name');
}

export function repositoriesOfOrganization(call: ApiCall, found: Account | undefined): ApiAnswer {
  const owner = organization(found);
  if (!owner) return failure(404, 'Not Found');
  const type = call.query.get('type') ?? 'all';
  const wanted: Record<string, (one: GitHubRepository) => boolean> = {
    public: (one) => !one.private,
    private: (one) => one.private,
    forks: (one) => one.fork,
    sources: (one) => !one.fork,
    member: (one) => call.state.affiliation(call.viewer, one) !== undefined,
  };
  const chosen = call.state.repositories
    .filter((one) => call.state.ownerOf(one) === owner && call.state.canRead(call.viewer, one))
    .filter(wanted[type] ?? (() => true));
  return listing(call, chosen, `/organizations/${owner.id}/repos`, 'created');
}

/** All that an installation reaches, one level deeper than in other listings. */
export function pageOfInstallation(call: ApiCall, chosen: GitHubRepository[]): ApiAnswer {
  const { body, ...rest } = listing(call, chosen, '/installation/repositories', 'full_name');
  return { ...rest, body: { total_count: chosen.length, repositories: body } };
}

/** One page of repositories; the links lead to `path`, which names accounts by id as GitHub's do. */
function listing(call: ApiCall, chosen: GitHubRepository[], path: string, defaultSort: string): ApiAnswer {
  const { state, query, base } = call;
  const sort = query.get('sort') ?? defaultSort;
  const direction = query.get('direction') ?? (sort === 'full_name' ? 'asc' : 'desc');
  const keys: Record<string, (one: GitHubRepository) => number> = {
    created: (one) => one.createdAt.getTime(),
    updated: (one) => one.updatedAt.getTime(),
    pushed: (one) => one.pushedAt.getTime(),
  };
  const key = keys[sort];
  const order = (a: GitHubRepository, b: GitHubRepository) =>
    (key ? key(a) - key(b) : a.fullName.localeCompare(b.fullName)) || a.id - b.id;
  const sorted = chosen.toSorted(order);
  if (direction === 'desc') sorted.reverse();

  const perPage = Math.min(100, wholeNumber(query.get('per_page')) ?? 30);
  const number = wholeNumber(query.get('page')) ?? 1;
  const inOrder = Array.from({ length: Math.ceil(sorted.length / perPage) }, (_, index) =>
    sorted.slice(index * perPage, (index + 1) * perPage),
  );
  const pages = state.changePages(inOrder);
  const link = (page: number, rel: string) => {
    const target = new URL(base + path);
    for (const [name, value] of query) target.searchParams.set(name, value);
    target.searchParams.set('page', String(page));
    return `<${target.href}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link(number - 1, 'prev')] : []),
    ...(number < pages.length ? [link(number + 1, 'next'), link(pages.length, 'last')] : []),
    ...(number > 1 ? [link(1, 'first')] : []),
  ];
  const body = (pages[number - 1] ?? []).map((one) => repositoryFields(call, one));
  return { status: 200, body, headers: links.length > 0 ? { link: links.join(', ') } : {} };
}

function wholeNumber(text: string | null): number | undefined {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

export function repositoryByName(call: ApiCall, owner = '', name = ''): ApiAnswer {
  const fullName = `${owner}/${name}`;
  const found = call.state.findRepository(fullName);
  if (!found || found.fullName.toLowerCase() === fullName.toLowerCase() || !call.state.canRead(call.viewer, found)) {
    return repository(call, found);
  }
  const url = `${call.base}/repositories/${found.id}`;
  const moved = { message: 'Moved Permanently', url, documentation_url: documentation };
  return { status: 301, body: moved, headers: { location: url } };
}

export function repositoryById(call: ApiCall, id = ''): ApiAnswer {
  return repository(
    call,
    call.state.repositories.find((one) => String(one.id) === id),
  );
}

export function repository(call: ApiCall, found: GitHubRepository | undefined): ApiAnswer {
  if (!found || found.state === 'vanished' || !call.state.canRead(call.viewer, found)) return failure(404, 'Not Found');
  if (found.state === 'dmca') {
    const html_url = 'https://github.com/github/dmca/blob/master/2024/01/2024-01-01-example.md';
    const block = { reason: 'dmca', created_at: timestamp(found.createdAt), html_url };
    return { status: 451, body: { message: 'Repository access blocked', block } };
  }
  return { status: 200, body: { ...repositoryFields(call, found), ...onlyOnPage } };
}

function repositoryFields({ state, origin, base, viewer }: ApiCall, one: GitHubRepository) {
  const affiliation = state.affiliation(viewer, one);
  const [write, admin] = [affiliation !== undefined, affiliation === 'owner'];
  const permissions = { admin, maintain: admin, push: write, triage: write, pull: true };
  return {
    ...listedRepository({
      id: one.id,
      owner: accountFields(state.ownerOf(one), origin, base),
      fullName: one.fullName,
      isPrivate: one.private,
      url: `${base}/repos/${one.fullName}`,
      page: `${origin}/${one.fullName}`,
    }),
    fork: one.fork,
    archived: one.archived,
    disabled: one.state === 'disabled',
    size: one.size,
    default_branch: one.defaultBranch,
    has_wiki: one.hasWiki,
    has_discussions: one.hasDiscussions,
    created_at: timestamp(one.createdAt),
    updated_at: timestamp(one.updatedAt),
    pushed_at: timestamp(one.pushedAt),
    ...state.contentOf(one).fields,
    ...(viewer === undefined ? {} : { permissions }),
    ...(state.temporaryCloneToken === undefined ? {} : { temp_clone_token: state.temporaryCloneToken }),
  };
}
