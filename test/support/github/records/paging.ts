/** Lists of GraphQL. */

export interface Paging {
  first?: number;
  last?: number;
  after?: string;
}

/** A list as GraphQL pages it; its cursors are places in it. */
export function connection<T>(
  all: readonly T[],
  { first, last, after }: Paging,
  node: (one: T) => unknown = (one) => one,
) {
  if ((first ?? last ?? 0) > 100) throw new Error('Requesting more than 100 records is not allowed.');
  const from = after === undefined ? 0 : Number(Buffer.from(after, 'base64').toString());
  const nodes = last === undefined ? all.slice(from, from + (first ?? 0)) : all.slice(-last);
  const end = from + nodes.length;
  return {
    totalCount: all.length,
    pageInfo: {
      hasNextPage: last === undefined && end < all.length,
      hasPreviousPage: from > 0,
      endCursor: Buffer.from(String(end)).toString('base64'),
    },
    nodes: nodes.map(node),
  };
}
