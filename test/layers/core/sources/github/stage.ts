/** What the tests of the GitHub source start from: a GitHub of two users and two organisations, and a source over it. */
import { HoldfastError } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { GitHubSource, type GitHubSourceOptions } from '#core/sources/github/github-source.ts';
import { defaultGitHubSettings, type GitHubSettings } from '#core/sources/github/settings.ts';
import { fixedToken, noToken } from '#core/sources/hosting/token.ts';
import type { ListedItem } from '#core/sources/source.ts';
import { startGitHub, type GitHub } from '../../../../support/github-server.ts';

/** octo's token; looks like a real one, so that a test can search everything for it. */
export const token = 'ghp_octoOctoOctoOctoOctoOctoOctoOcto0001';

export function startStage(root: string): Promise<GitHub> {
  return startGitHub({
    root,
    accounts: [
      { login: 'octo' },
      { login: 'guest' },
      { login: 'acme', type: 'Organization', members: ['octo'] },
      { login: 'other', type: 'Organization' },
    ],
    tokens: { [token]: 'octo' },
  });
}

export type SourceSettings = Partial<Omit<GitHubSourceOptions, 'settings'>> & { settings?: Partial<GitHubSettings> };

/** A source that hurries: thousands of requests a minute, retries after a millisecond. */
export function sourceOver(
  github: Pick<GitHub, 'apiUrl'>,
  { settings, ...options }: SourceSettings = {},
): GitHubSource {
  return new GitHubSource({
    http: new HttpClient({ stallMs: 5_000 }),
    token: fixedToken(token, 'the test'),
    apiUrl: github.apiUrl,
    requestsPerMinute: 6_000,
    retry: { attempts: 4, firstWaitMs: 1, longestWaitMs: 5_000 },
    settings: { ...defaultGitHubSettings, datasets: new Set(['code']), ...settings },
    ...options,
  });
}

export { noToken };

export function names(listed: readonly ListedItem[]): string[] {
  return listed.map(({ item }) => item.name);
}

/** What a promise failed with; it is an error where it did not, or with something that is not ours. */
export async function failureOf(promise: Promise<unknown>): Promise<HoldfastError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('did not fail');
}
