import { apiGet, type ApiAnswer, type ApiGetOptions } from '../hosting/api-get.ts';

/** What Octokit passes to its `fetch`, as far as reading requests have it. */
interface FetchInit {
  method?: string;
  headers?: Record<string, string>;
}

export type ApiFetch = (url: string, init?: FetchInit) => Promise<Response>;

/**
 * The `fetch` below Octokit, over our own client, which knows proxies and stalled servers. The token is added here
 * and not by Octokit, so that it goes to the API's origin only, can be renewed, and is in no error of Octokit's.
 */
export function apiFetch(options: ApiGetOptions): ApiFetch {
  return async (address, { method = 'GET', headers = {} } = {}) => {
    if (method !== 'GET') throw new RangeError(`this client only reads, it sends no ${method}`);
    return responseOf(await apiGet(options, new URL(address), headers));
  };
}

/** Statuses whose answers have no body (https://fetch.spec.whatwg.org/#null-body-status). */
const withoutBody = [204, 205, 304];

function responseOf({ status, headers, body }: ApiAnswer): Response {
  const pairs = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  return new Response(withoutBody.includes(status) ? null : new Uint8Array(body), { status, headers: pairs });
}
