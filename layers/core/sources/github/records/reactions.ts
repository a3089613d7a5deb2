import * as v from 'valibot';
import { hasCode } from '#core/runtime/errors.ts';
import type { RecordSink } from '../../records.ts';
import { graphqlVersion } from './api-versions.ts';
import { allNodes } from './connections.ts';
import { furtherReactionsQuery, reactionsQuery } from './queries.ts';
import type { RecordsApi } from './records-api.ts';
import { Refusal } from './refusal.ts';
import { connection, shaped } from './shapes.ts';

/** How many there are, as REST says it in `reactions` and GraphQL in `reactionGroups`. */
const counted = v.fallback(
  v.object({
    node_id: v.optional(v.string()),
    id: v.optional(v.union([v.string(), v.number()])),
    reactions: v.optional(v.object({ total_count: v.number() })),
    reactionGroups: v.nullish(v.array(v.object({ reactors: v.object({ totalCount: v.number() }) }))),
  }),
  {},
);

const reactedSchema = v.object({
  nodes: v.array(v.nullable(v.object({ id: v.optional(v.string()), reactions: v.optional(connection) }))),
});

/** GitHub takes so many ids in one query. */
const atOnce = 100;

/** Something that people have reacted to. */
export interface Reacted {
  type: string;
  key: string;
  /** GitHub's id of it in GraphQL. */
  node: string;
  count: number;
}

/** What a record says of reactions to it; undefined where there are none. */
export function reacted(type: string, key: string, record: unknown): Reacted | undefined {
  const { node_id: node, id, reactions, reactionGroups } = v.parse(counted, record);
  const count = reactions?.total_count ?? reactionGroups?.reduce((sum, { reactors }) => sum + reactors.totalCount, 0);
  const name = node ?? (typeof id === 'string' ? id : undefined);
  return name === undefined || count === undefined || count === 0 ? undefined : { type, key, node: name, count };
}

/**
 * Who reacted to comments, reviews and discussions, of which their own documents give only the number. They are asked for
 * by the hundred, and only of what has changed: a reaction moves no time, so the rest is seen when everything is looked at.
 */
export class Reactions {
  readonly #api: RecordsApi;
  readonly #sink: RecordSink;
  readonly #name: string;
  readonly #types: readonly string[];
  #waiting: Reacted[] = [];
  #refused: string | undefined;

  /** @param name of the repository, for messages @param types of what may be reacted to */
  constructor(api: RecordsApi, sink: RecordSink, name: string, types: readonly string[]) {
    this.#api = api;
    this.#sink = sink;
    this.#name = name;
    this.#types = types;
  }

  async add(one: Reacted | undefined): Promise<void> {
    if (!one || this.#refused !== undefined) return;
    this.#waiting.push(one);
    if (this.#waiting.length === atOnce) await this.#ask();
  }

  /** Asks for the rest. @param isRead whether a type that has reactions could be read */
  async end(isRead: (type: string) => boolean): Promise<void> {
    await this.#ask();
    for (const parent of this.#types) {
      if (!isRead(parent)) continue;
      const type = reactionsTo(parent);
      if (this.#refused !== undefined) {
        this.#sink.omit(type, this.#refused);
        continue;
      }
      if (this.#sink.reconcile) this.#sink.whole(type);
      this.#sink.done(type);
    }
  }

  async #ask(): Promise<void> {
    const asked = this.#waiting.splice(0);
    if (asked.length === 0 || this.#refused !== undefined) return;
    try {
      await this.#read(asked);
    } catch (error) {
      if (error instanceof Refusal) this.#refused = error.why;
      else if (hasCode(error, 'AccessDenied')) this.#refused = 'GitHub gives it only to a token that may read it';
      else throw error;
    }
  }

  async #read(asked: readonly Reacted[]): Promise<void> {
    const what = `the reactions in ${this.#name}`;
    const data = await this.#api.query(reactionsQuery, { ids: asked.map(({ node }) => node) }, what);
    const { nodes } = shaped(reactedSchema, data, what);
    for (const [at, { type, key, node }] of asked.entries()) {
      const begun = nodes[at]?.reactions;
      // Deleted meanwhile.
      if (!begun) continue;
      const further = { api: this.#api, query: furtherReactionsQuery, variables: { id: node }, what };
      const reactions = await allNodes(begun, further);
      const record = { type: reactionsTo(type), key: `${key}/reactions`, api: graphqlVersion, record: { reactions } };
      await this.#sink.put(record);
    }
  }
}

function reactionsTo(type: string): string {
  return `${type}-reactions`;
}
