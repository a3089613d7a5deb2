/** What the REST API of the stand-in gives of a repository beside its code. */
import { failure, type ApiAnswer, type ApiCall } from '../api-answer.ts';
import type { RepositoryContent } from './content.ts';

interface Dated {
  updated_at?: string | null;
  created_at?: string | null;
}

type List = (content: RepositoryContent) => readonly object[];

/** Lists that know `since`, by their path below the repository. */
const changing: Readonly<Record<string, List>> = {
  '/issues': ({ issues }) => [...issues.values()],
  '/issues/comments': ({ comments }) => [...comments.values()],
  '/pulls/comments': ({ reviewComments }) => [...reviewComments.values()],
  '/pulls': ({ pulls }) => [...pulls.values()],
};

const plain: Readonly<Record<string, List>> = {
  '/labels': ({ labels }) => labels,
  '/milestones': ({ milestones }) => milestones,
  '/comments': ({ commitComments }) => commitComments,
  '/releases': ({ releases }) => releases,
};

/** What is answered for a path below a repository; undefined where there is no such endpoint. */
export function answerRecords(call: ApiCall, content: RepositoryContent, path: string): ApiAnswer | undefined {
  const refused = call.state.refusals.get(path);
  if (refused) return refused;
  const answer = answerAt(call, content, path);
  call.state.changeRecords?.(path);
  return answer;
}

/** What is answered for a path below an account. */
export function answerAccount(
  call: ApiCall,
  { account, login }: { account: string; login: string },
  path: string,
): ApiAnswer {
  const refused = call.state.refusals.get(path);
  if (refused) return refused;
  const { settings } = call.state.accountContent(login);
  const asked = [...call.query].filter(([name]) => !['per_page', 'page'].includes(name));
  const query = new URLSearchParams(asked).toString();
  const found = settings.get(query === '' ? path : `${path}?${query}`);
  if (Array.isArray(found)) return page(call, `${call.base}${account}${path}`, found);
  return found === undefined ? failure(404, 'Not Found') : { status: 200, body: found as object };
}

export function answerStarredGists(call: ApiCall): ApiAnswer {
  if (call.viewer === undefined) return failure(401, 'Requires authentication');
  const names = call.state.accountContent(call.viewer).starredGists;
  return page(
    call,
    `${call.base}/gists/starred`,
    names.map((id) => ({ id })),
  );
}

function answerAt(call: ApiCall, content: RepositoryContent, path: string): ApiAnswer | undefined {
  const list = changing[path];
  if (list) return page(call, content.base + path, inOrder(call, path === '/pulls', list(content)));
  const whole = plain[path];
  if (whole) return page(call, content.base + path, whole(content));
  const asset = /^\/releases\/assets\/(\d+)$/.exec(path)?.[1];
  if (asset !== undefined) return answerAsset(call, content, Number(asset));
  const issue = content.issues.get(Number(/^\/issues\/(\d+)$/.exec(path)?.[1]));
  if (issue) return { status: 200, body: structuredClone(issue) };
  const said = /^\/issues\/(\d+)\/comments$/.exec(path)?.[1];
  if (said !== undefined) {
    const own = [...content.comments.values()].filter((one) => one.issue_url.endsWith(`/${said}`));
    return page(call, content.base + path, own);
  }
  const [, blocked, which] = /^\/issues\/(\d+)\/dependencies\/(blocked_by|blocking)$/.exec(path) ?? [];
  if (blocked !== undefined) {
    const others = content.blocking(Number(blocked), which === 'blocking' ? 'blocking' : 'blocked_by');
    return page(
      call,
      content.base + path,
      others.flatMap((number) => content.issues.get(number) ?? []),
    );
  }
  const comment = content.comments.get(Number(/^\/issues\/comments\/(\d+)$/.exec(path)?.[1]));
  if (comment) return { status: 200, body: structuredClone(comment) };
  const release = content.releases.find(({ id }) => path === `/releases/${id}/assets`);
  if (release) return page(call, content.base + path, release.assets);
  const setting = content.settings.get(path);
  if (Array.isArray(setting)) return page(call, content.base + path, setting);
  return setting === undefined ? undefined : { status: 200, body: setting as object };
}

/** https://docs.github.com/en/rest/releases/assets#get-a-release-asset */
function answerAsset({ origin }: ApiCall, { assets }: RepositoryContent, id: number): ApiAnswer | undefined {
  const asset = assets.get(id);
  if (!asset) return undefined;
  if (asset.by === 'itself') return { status: 200, body: asset.content };
  return { status: 302, body: {}, headers: { location: `${origin.replace('127.0.0.1', 'localhost')}/storage/${id}` } };
}

function inOrder({ query }: ApiCall, isPulls: boolean, all: readonly object[]): object[] {
  const since = isPulls ? undefined : query.get('since');
  const at = (one: Dated): string => (query.get('sort') === 'updated' ? one.updated_at : one.created_at) ?? '';
  const sorted = all.filter((one: Dated) => since == null || (one.updated_at ?? '') >= since);
  sorted.sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0));
  return query.get('direction') === 'asc' ? sorted : sorted.reverse();
}

/** One page of a list, its links as GitHub makes them. */
function page({ query, state }: ApiCall, address: string, all: readonly object[]): ApiAnswer {
  const length = Math.min(100, Number(query.get('per_page') ?? 30));
  const number = Number(query.get('page') ?? 1);
  if (number > state.lastPage)
    return failure(422, 'In order to keep the API fast for everyone, pagination is limited for this resource.');
  const pages = Math.ceil(all.length / length);
  const link = (to: number, rel: string): string => {
    const target = new URL(address);
    for (const [name, value] of query) target.searchParams.set(name, value);
    target.searchParams.set('page', String(to));
    return `<${target.href}>; rel="${rel}"`;
  };
  const links = number < pages ? [link(number + 1, 'next'), link(pages, 'last')] : [];
  const body = structuredClone(all.slice((number - 1) * length, number * length));
  return { status: 200, body, headers: links.length > 0 ? { link: links.join(', ') } : {} };
}
