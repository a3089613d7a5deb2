import { hasCode } from '#core/runtime/errors.ts';
import type * as v from 'valibot';
import type { RecordsApi } from './records-api.ts';
import { connection, property, shaped } from './shapes.ts';

export type Connection = v.InferOutput<typeof connection>;

export interface ConnectionPages {
  api: RecordsApi;
  query: string;
  variables: Readonly<Record<string, unknown>>;
  what: string;
  /** How many nodes are asked for at first; GitHub refuses what is too heavy. */
  length: number;
  /** Where the list stands in the answer. */
  at: (data: Record<string, unknown>) => unknown;
}

/**
 * The nodes of a list of GraphQL, page by page. Where GitHub cannot make a page (it ends what takes longer than ten
 * seconds, and answers in part what is too heavy) half as many are asked for.
 */
export async function* nodesOf({ api, query, variables, what, length, at }: ConnectionPages): AsyncGenerator {
  let first = length;
  let after: string | undefined;
  for (;;) {
    const asked = { ...variables, first, ...(after === undefined ? {} : { after }) };
    const data = await api.query(query, asked, what, first > 1).catch((error: unknown) => {
      if (first === 1 || !hasCode(error, 'Unavailable', 'TooLarge', 'Stalled', 'Truncated')) throw error;
      return undefined;
    });
    if (!data) {
      first = Math.floor(first / 2);
      continue;
    }
    const { nodes, pageInfo } = shaped(connection, at(data), what);
    yield* nodes;
    if (!pageInfo?.hasNextPage || pageInfo.endCursor == null) return;
    after = pageInfo.endCursor;
  }
}

/** All nodes of a list of which one page has come already. @param query of the further pages, by `after` */
export async function allNodes(
  begun: Connection,
  { api, query, variables, what }: Pick<ConnectionPages, 'api' | 'query' | 'variables' | 'what'>,
): Promise<unknown[]> {
  const nodes = [...begun.nodes];
  let { pageInfo } = begun;
  while (pageInfo?.hasNextPage && pageInfo.endCursor != null) {
    const data = await api.query(query, { ...variables, after: pageInfo.endCursor }, what);
    const page = shaped(connection, listOf(data), what);
    nodes.push(...page.nodes);
    pageInfo = page.pageInfo;
  }
  return nodes;
}

function listOf({ item, repository }: Record<string, unknown>): unknown {
  return property(item ?? property(repository, 'item'), 'list');
}
