import * as v from 'valibot';
import { parseJson } from '#core/runtime/schema.ts';
import type { Dataset, RecordSink } from '../../records.ts';
import { graphqlVersion } from './api-versions.ts';
import type { AttachmentReader } from './attachment-reader.ts';
import { Attachments } from './attachments.ts';
import { createHash } from 'node:crypto';
import { allNodes, nodesOf } from './connections.ts';
import { reacted, Reactions, type Reacted } from './reactions.ts';
import { discussionCommentsQuery, discussionsQuery, repliesQuery } from './queries.ts';
import { NewestFirst } from './newest-first.ts';
import type { RecordsApi } from './records-api.ts';
import { unlessRefused } from './refusal.ts';
import type { RepositoryPlace } from './repository-place.ts';
import { connection, numbered, property, shaped, timed } from './shapes.ts';

const discussionSchema = v.looseObject({ ...numbered.entries, ...timed.entries, comments: connection });
const commentId = v.object({ id: v.string(), databaseId: v.nullish(v.number()) });
const commentSchema = v.looseObject({ ...commentId.entries, replies: connection });

const types = ['discussion', 'discussion-comment', 'discussion-reply'] as const;

/** So many come in one request: each with up to 50 comments of up to 50 replies. */
const atOnce = 25;

/** GitHub Discussions, which only GraphQL has: newest first until the watermark, each with all that is said in it. */
export class DiscussionsDataset implements Dataset {
  readonly #api: RecordsApi;
  readonly #place: RepositoryPlace;
  readonly #attachments: AttachmentReader | undefined;
  /** Of what has not changed nothing is named again. */
  readonly filesStay = true;

  /** @param attachments by which the files are read to which texts refer; undefined: they are left out */
  constructor(api: RecordsApi, place: RepositoryPlace, attachments: AttachmentReader | undefined) {
    this.#api = api;
    this.#place = place;
    this.#attachments = attachments;
  }

  async read(sink: RecordSink): Promise<void> {
    await unlessRefused(
      () => this.#read(sink),
      (why) => {
        for (const type of types) sink.omit(type, why);
      },
    );
  }

  async #read(sink: RecordSink): Promise<void> {
    const { owner, repository, name } = this.#place;
    const read = new NewestFirst(sink, 'discussion');
    const attachments = new Attachments(sink, this.#attachments);
    const reactions = new Reactions(this.#api, sink, name, types);
    const seen = new SeenReactions(sink);
    const nodes = nodesOf({
      api: this.#api,
      query: discussionsQuery,
      variables: { owner, name: repository },
      what: `the discussions of ${name}`,
      length: atOnce,
      at: (data) => property(property(data, 'repository'), 'discussions'),
    });
    for await (const node of nodes) {
      const { comments, ...record } = shaped(discussionSchema, node, 'a discussion');
      const { number, updatedAt: at } = record;
      if (read.wasRead(at)) break;
      const key = `discussions/${number}`;
      await attachments.keep(record);
      const isNews = await sink.put({ type: 'discussion', key, api: graphqlVersion, record, at });
      const found = [reacted('discussion', key, record)];
      // A comment may change without its discussion; so all of what is said is compared wherever one is read.
      found.push(...(await this.#comments(sink, key, number, comments, attachments)));
      const to = found.filter((one) => one !== undefined);
      const isKnown = seen.isKnown(number, to);
      if (isKnown && !isNews && !sink.reconcile) continue;
      for (const one of to) await reactions.add(one);
    }
    seen.note();
    await reactions.end(() => true);
    if (sink.reconcile) sink.whole('discussion');
    read.end();
    for (const type of types) sink.done(type);
    attachments.tell();
  }

  async #comments(
    sink: RecordSink,
    key: string,
    number: number,
    begun: v.InferOutput<typeof connection>,
    attachments: Attachments,
  ): Promise<(Reacted | undefined)[]> {
    const { owner, repository, name } = this.#place;
    const found: (Reacted | undefined)[] = [];
    const what = `the comments of the discussion ${name}#${number}`;
    const variables = { owner, name: repository, number };
    const all = await allNodes(begun, { api: this.#api, query: discussionCommentsQuery, variables, what });
    for (const node of all) {
      const { replies, ...record } = shaped(commentSchema, node, 'a comment');
      await attachments.keep(record);
      const own = `${key}/comments/${idOf(record)}`;
      await sink.put({ type: 'discussion-comment', key: own, api: graphqlVersion, record });
      found.push(reacted('discussion-comment', own, record));
      const further = { api: this.#api, query: repliesQuery, variables: { id: record.id }, what };
      for (const reply of await allNodes(replies, further)) {
        await attachments.keep(reply);
        const below = `${own}/replies/${idOf(shaped(commentId, reply, 'a reply'))}`;
        await sink.put({ type: 'discussion-reply', key: below, api: graphqlVersion, record: reply });
        found.push(reacted('discussion-reply', below, reply));
      }
    }
    sink.whole('discussion-comment', key);
    sink.whole('discussion-reply', key);
    return found;
  }
}

function idOf({ id, databaseId }: v.InferOutput<typeof commentId>): string {
  return databaseId == null ? encodeURIComponent(id) : String(databaseId);
}

const notedReactions = v.record(v.string(), v.string());

/** What is read in each run, since its time is that of the newest, is remembered, so that no one asks again who reacted. */
class SeenReactions {
  readonly #sink: RecordSink;
  readonly #before: Readonly<Record<string, string>>;
  readonly #now: Record<string, string> = {};

  constructor(sink: RecordSink) {
    this.#sink = sink;
    this.#before = parseJson(notedReactions, sink.noted('reactions') ?? '{}', 'what is noted of reactions', 'Damaged');
  }

  /** Whether as many reacted to each part of a discussion as before. */
  isKnown(number: number, to: readonly Reacted[]): boolean {
    if (Object.keys(this.#now).length === mostRemembered) return false;
    const seen = createHash('sha256').update(JSON.stringify(to)).digest('hex').slice(0, 16);
    this.#now[number] = seen;
    return this.#before[number] === seen;
  }

  note(): void {
    this.#sink.note('reactions', JSON.stringify(this.#now));
  }
}

/** More discussions than these are hardly changed within two minutes. */
const mostRemembered = 20;
