/** Who may do what over Git at the stand-in for GitHub, and where a renamed repository is. */
import type { ServerResponse } from 'node:http';
import type { Access, Decision } from '../git-server.ts';
import { answerWith } from '../http-listener.ts';
import { credentials, type RecordedRequest } from '../recorded-request.ts';
import type { GitHubRepository, GitHubState } from './state.ts';

/** The repository of a path in a Git URL, with or without `.git`, and whether its wiki is meant. */
export function parseGitName(
  state: GitHubState,
  name: string,
): { repository: GitHubRepository | undefined; wiki: boolean } {
  const plain = name.replace(/\.git$/, '');
  const wiki = plain.endsWith('.wiki');
  return { repository: state.findRepository(wiki ? plain.slice(0, -'.wiki'.length) : plain), wiki };
}

/** The name of the gist of a path in a Git URL; undefined where there is none. */
export function parseGistName(state: GitHubState, name: string): string | undefined {
  const [, gist] = /^gist\/([\w-]+?)(?:\.git)?$/.exec(name) ?? [];
  return [...state.accountContents()].some(({ gists }) => gists.some((one) => one.name === gist)) ? gist : undefined;
}

/** The login behind a Git request; null if its credentials are no good. */
function gitViewer(state: GitHubState, { scheme, user, secret }: ReturnType<typeof credentials>) {
  if (scheme === 'none') return undefined;
  return state.userOf(secret) ?? state.userOf(user) ?? null;
}

export function gitDecision(state: GitHubState, access: Access): Decision {
  const viewer = gitViewer(state, access);
  const { repository: found } = parseGitName(state, access.repository);
  const unauthorized = {
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="GitHub"' },
    body: 'Invalid username or token.\n',
  };
  if (viewer === null) return unauthorized;
  // A secret gist is given to all who know its name.
  if (parseGistName(state, access.repository) !== undefined) return !access.write;
  if (!found || found.state === 'vanished' || !state.canRead(viewer, found)) {
    // Without credentials GitHub does not say whether there is such a repository.
    return viewer === undefined ? unauthorized : { status: 404, body: 'Repository not found.\n' };
  }
  if (found.state === 'dmca') return { status: 451, body: 'Repository unavailable due to DMCA takedown.\n' };
  if (found.state === 'disabled') {
    return { status: 403, body: 'Access to this repository has been disabled by GitHub staff.\n' };
  }
  if (!access.write) return true;
  if (viewer === undefined) return unauthorized;
  if (state.affiliation(viewer, found) === undefined) {
    return { status: 403, body: `Permission to ${found.fullName}.git denied to ${viewer}.\n` };
  }
  return !found.archived || { status: 403, body: 'This repository was archived so it is read-only.\n' };
}

/** Redirects a request under a former name; notes pushes to others. Returns whether it has answered. */
export function redirectGit(
  state: GitHubState,
  origin: string,
  request: RecordedRequest,
  response: ServerResponse,
): boolean {
  const [, name = '', action = ''] = /^\/(.+)\/((?:info\/refs|git-[a-z]+-pack))$/.exec(request.path) ?? [];
  const { repository: found, wiki } = parseGitName(state, name);
  if (!found) return false;
  if (request.kind === 'receive-pack') {
    response.once('finish', () => {
      if (request.status === 200) found.pushedAt = new Date();
    });
  }
  const viewer = gitViewer(state, credentials(request.headers.authorization));
  const current = name.replace(/(\.wiki)?(\.git)?$/, '').toLowerCase() === found.fullName.toLowerCase();
  if (current || viewer === null || !state.canRead(viewer, found)) return false;
  const query = request.query.toString();
  const location = `${origin}/${found.fullName}${wiki ? '.wiki' : ''}.git/${action}${query && `?${query}`}`;
  answerWith(response, { status: 301, headers: { location } });
  return true;
}
