import { hasCode } from '#core/runtime/errors.ts';
import type { RecordSink } from '../../records.ts';
import { restVersion } from './api-versions.ts';
import type { RecordsApi } from './records-api.ts';

export interface WalkOptions {
  api: RecordsApi;
  sink: RecordSink;
  type: string;
  /** The list, below the API's base: `/repos/acme/api/issues?state=all`. */
  path: string;
  /** For messages. */
  what: string;
  /** The key of an entry, and when it was changed last. */
  place: (entry: unknown) => { key: string; at: string };
  /** Whether all of it is read, and not what has changed. */
  all?: boolean;
  /** Whether what does not come is gone, where all of it is read. */
  whole?: boolean;
  /** Called for each entry that may have changed. */
  onNews?: (entry: unknown, key: string) => Promise<void>;
}

const longestPage = 100;

/** The order is that of an index, which may be behind: an entry can have a later time than the place where it stands. */
const lateAtMost = 3;

/**
 * Reads a list in the order of its changes, from the watermark on. Each page asks for what was changed since the last
 * entry of the one before, and not for a page by its number: what is edited meanwhile moves to the end, and all behind it
 * would move forward, past the page's edge. Nor does GitHub give more than some 400 pages of one list. Where most of a
 * page was changed in one second the link to the next page is followed after all.
 */
export async function walkChanges(options: WalkOptions): Promise<void> {
  const { api, sink, type, path, what, place } = options;
  let since = options.all === true ? undefined : sink.since(type);
  let length = longestPage;
  let newest = '';
  let url = first(api, path, since, length);
  for (;;) {
    const page = await api.page(url, what).catch((error: unknown) => {
      // A page may be too heavy for GitHub to make it in ten seconds.
      if (!hasCode(error, 'Unavailable', 'TooLarge') || length === 1) throw error;
      return undefined;
    });
    if (!page) {
      length = Math.ceil(length / 2);
      url = first(api, path, since, length);
      continue;
    }
    const times: string[] = [];
    for (const entry of page.entries) {
      const { key, at } = place(entry);
      const isNews = await sink.put({ type, key, api: restVersion, record: entry, at });
      if (isNews || sink.reconcile) await options.onNews?.(entry, key);
      times.push(at);
      if (at > newest) newest = at;
    }
    if (!page.next) break;
    const reached = earliest(times.slice(-lateAtMost));
    const moves = reached > (since ?? '') && times.filter((at) => at >= reached).length <= length / 2;
    if (reached > (since ?? '')) sink.watermark(type, reached);
    url = moves ? first(api, path, reached, length) : page.next;
    if (moves) since = reached;
  }
  if (newest !== '') sink.watermark(type, newest);
  if (options.whole === true) sink.whole(type);
  sink.done(type);
}

function earliest(times: readonly string[]): string {
  return times.reduce((a, b) => (b < a ? b : a), times[0] ?? '');
}

function first(api: RecordsApi, path: string, since: string | undefined, length: number): URL {
  const url = api.url(path);
  url.searchParams.set('sort', 'updated');
  url.searchParams.set('direction', 'asc');
  url.searchParams.set('per_page', String(length));
  if (since !== undefined) url.searchParams.set('since', since);
  return url;
}
