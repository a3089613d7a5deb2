/** What all REST endpoints of the stand-in for GitHub share. */
import { simpleUser } from './documents.ts';
import type { Account, GitHubState } from './state.ts';

export const documentation = 'https://docs.github.com/rest';

/** What a REST endpoint says; objects and arrays become JSON. */
export interface ApiAnswer {
  status: number;
  body: object;
  headers?: Record<string, string>;
}

/** One REST request as its endpoint sees it. */
export interface ApiCall {
  state: GitHubState;
  /** Where the web pages and Git are. */
  origin: string;
  /** Where the API is, in the form that the client chose. */
  base: string;
  /** Login of the token's user; undefined without a token. */
  viewer: string | undefined;
  token: string;
  query: URLSearchParams;
}

export function failure(status: number, message: string, more: object = {}): ApiAnswer {
  return { status, body: { message, documentation_url: documentation, status: String(status), ...more } };
}

export function accountFields(account: Account, origin: string, base: string) {
  return simpleUser(account, `${base}/users/${account.login}`, `${origin}/${account.login}`);
}

export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '');
}
