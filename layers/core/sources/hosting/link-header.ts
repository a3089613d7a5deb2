/** Where a page of a listing stands among the others. */
export interface PageLinks {
  hasNext: boolean;
  /** The address of the next page as the host gives it; undefined on the last page. */
  next: string | undefined;
  /** The number of the last page, from 1; undefined on the last page itself. */
  last: number | undefined;
}

/**
 * Reads the Link header (RFC 8288) by which hosts page their listings.
 * https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
 * https://docs.gitlab.com/api/rest/#pagination-link-header
 */
export function parseLinks(header: string | undefined): PageLinks {
  const targets = new Map<string, string>();
  for (const [, target = '', relation = ''] of (header ?? '').matchAll(/<([^<>]*)>;\s*rel="([^"]*)"/g))
    targets.set(relation, target);
  const last = Number(/[?&]page=(\d+)/.exec(targets.get('last') ?? '')?.[1]);
  return { hasNext: targets.has('next'), next: targets.get('next'), last: Number.isNaN(last) ? undefined : last };
}
