/** Where a page of a listing stands among the others. */
export interface PageLinks {
  hasNext: boolean;
  /** The number of the last page, from 1; undefined on the last page itself. */
  last: number | undefined;
}

/** Reads GitHub's Link header: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
export function parseLinks(header: string | undefined): PageLinks {
  const targets = new Map<string, string>();
  for (const [, target = '', relation = ''] of (header ?? '').matchAll(/<([^<>]*)>;\s*rel="([^"]*)"/g))
    targets.set(relation, target);
  const last = Number(/[?&]page=(\d+)/.exec(targets.get('last') ?? '')?.[1]);
  return { hasNext: targets.has('next'), last: Number.isNaN(last) ? undefined : last };
}
