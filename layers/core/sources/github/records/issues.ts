import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Dataset, RecordSink } from '../../records.ts';
import { graphqlVersion, restVersion } from './api-versions.ts';
import type { AttachmentReader } from './attachment-reader.ts';
import { Attachments } from './attachments.ts';
import { Dependencies } from './dependencies.ts';
import { allNodes, nodesOf } from './connections.ts';
import { reacted, Reactions } from './reactions.ts';
import { issueDetailsQuery, pullDetailsQuery, pulseQuery, restQueries } from './queries.ts';
import { NewestFirst } from './newest-first.ts';
import type { RecordsApi } from './records-api.ts';
import { Refusal, unlessRefused } from './refusal.ts';
import type { RepositoryPlace } from './repository-place.ts';
import {
  changedNumber,
  connection,
  identified,
  issueComment,
  numbered,
  property,
  reviewComment,
  shaped,
  timed,
} from './shapes.ts';
import { walkChanges, type WalkOptions } from './walk.ts';
import { withoutNoise } from './without-noise.ts';

const pulseList = v.object({ totalCount: v.number(), nodes: v.nullish(v.array(v.unknown()), []) });
const pulseSchema = v.object({
  repository: v.object({
    databaseId: v.nullish(v.number()),
    issues: pulseList,
    pullRequests: pulseList,
    labels: pulseList,
    milestones: pulseList,
    commitComments: pulseList,
  }),
});

type Pulse = v.InferOutput<typeof pulseSchema>['repository'];

const detailsSchema = v.object({
  number: numbered.entries.number,
  ...timed.entries,
  timelineItems: connection,
  reactions: v.optional(connection),
  parent: v.optional(v.unknown()),
  subIssues: v.optional(connection),
  comments: v.optional(connection),
  reviews: v.optional(connection),
  reviewThreads: v.optional(connection),
});

type Details = v.InferOutput<typeof detailsSchema>;

/** What is collected from all that is read. */
interface Aspects {
  attachments: Attachments;
  reactions: Reactions;
}

const reviewId = v.object({ id: v.string(), fullDatabaseId: v.nullish(v.union([v.string(), v.number()])) });
const threadSchema = v.object({ id: v.string(), comments: connection });
const commentId = v.object({ fullDatabaseId: v.nullish(v.union([v.string(), v.number()])) });

/** Of which all that a repository's issues and pull requests are consists. */
const types = {
  issue: 'issue',
  pull: 'pull-request',
  comment: 'issue-comment',
  reviewComment: 'review-comment',
  review: 'review',
  thread: 'review-thread',
  issueTimeline: 'issue-timeline',
  pullTimeline: 'pull-request-timeline',
  label: 'label',
  milestone: 'milestone',
  commitComment: 'commit-comment',
} as const;

/**
 * Issues and pull requests, which share their numbers, with all that is said about them, and what they are sorted by.
 * Lists of the whole repository are read by what has changed, never one issue after the other.
 */
export class IssuesDataset implements Dataset {
  readonly #api: RecordsApi;
  readonly #place: RepositoryPlace;
  readonly #attachments: AttachmentReader | undefined;
  /** Of what has not changed nothing is named again. */
  readonly filesStay = true;
  /** Whether a thread has more comments than GitHub gave: then what did not come is not gone. */
  #isCut = false;
  /** Types that were not read, so that nothing which belongs to them is known to be gone. */
  readonly #unread = new Set<string>();

  /** @param attachments by which the files are read to which texts refer; undefined: they are left out */
  constructor(api: RecordsApi, place: RepositoryPlace, attachments: AttachmentReader | undefined) {
    this.#api = api;
    this.#place = place;
    this.#attachments = attachments;
  }

  async read(sink: RecordSink): Promise<void> {
    const attachments = new Attachments(sink, this.#attachments);
    const pulse = await this.#pulse();
    const { name } = this.#place;
    const reactions = new Reactions(this.#api, sink, name, [
      types.comment,
      types.reviewComment,
      types.review,
      types.commitComment,
    ]);
    const aspects = { attachments, reactions };
    // Before all else: what is made after it is looked at must not seem to be missing.
    await this.#details(sink, pulse, aspects);
    await this.#issues(sink, pulse, aspects);
    await this.#part(sink, types.reviewComment, () =>
      walkChanges({
        api: this.#api,
        sink,
        type: types.reviewComment,
        path: `${this.#place.path}/pulls/comments`,
        what: `the review comments of ${this.#place.name}`,
        all: sink.reconcile,
        whole: sink.reconcile && !pulse,
        onNews: async (entry, key) => {
          await attachments.keep(entry);
          await reactions.add(reacted(types.reviewComment, key, entry));
        },
        place: (entry) => {
          const { id, updated_at: at, pull_request_url: number } = shaped(reviewComment, entry, 'a review comment');
          return { key: `issues/${number}/review-comments/${id}`, at };
        },
      }),
    );
    await this.#pulls(sink, pulse);
    await this.#lists(sink, pulse, aspects);
    await reactions.end((type) => !this.#unread.has(type));
    attachments.tell();
  }

  comparable(type: string, record: unknown): unknown {
    // A pull request embeds both repositories whole, with counters that move by themselves.
    return withoutNoise(record, type === types.pull ? ['repo'] : []);
  }

  /** Undefined where there is no token, which GraphQL wants; then all is read by REST alone. */
  async #pulse(): Promise<Pulse | undefined> {
    const { owner, repository, name, id } = this.#place;
    try {
      const data = await this.#api.query(pulseQuery, { owner, name: repository }, `what has changed in ${name}`);
      const { repository: pulse } = shaped(pulseSchema, data, name);
      if (pulse.databaseId != null && String(pulse.databaseId) !== id)
        throw new HoldfastError('SourceMissing', `${name} is another repository than was listed`);
      return pulse;
    } catch (error) {
      if (error instanceof Refusal || isUnauthorised(error)) return undefined;
      throw error;
    }
  }

  async #issues(sink: RecordSink, pulse: Pulse | undefined, { attachments, reactions }: Aspects): Promise<void> {
    const { path, name } = this.#place;
    const dependencies = new Dependencies(this.#api, sink, this.#place);
    const walk = (
      type: string,
      list: string,
      what: string,
      options: Pick<WalkOptions, 'place' | 'onNews'>,
    ): Promise<void> =>
      walkChanges({
        api: this.#api,
        sink,
        type,
        path: `${path}/${list}`,
        what: `${what} of ${name}`,
        all: sink.reconcile,
        whole: sink.reconcile && !pulse,
        ...options,
      });
    const isSettled = pulse && [pulse.issues, pulse.pullRequests].every((list) => isSettledBy(sink, types.issue, list));
    if (isSettled && !sink.reconcile) sink.done(types.issue);
    else
      await this.#part(sink, types.issue, () =>
        walk(types.issue, 'issues?state=all', 'the issues', {
          onNews: async (entry, key) => {
            await attachments.keep(entry);
            await dependencies.read(entry, key);
          },
          place: (entry) => {
            const { number, updated_at: at } = shaped(changedNumber, entry, 'an issue');
            return { key: `issues/${number}`, at };
          },
        }),
      );
    if (!this.#unread.has(types.issue)) dependencies.end();
    await this.#part(sink, types.comment, () =>
      walk(types.comment, 'issues/comments', 'the comments', {
        onNews: async (entry, key) => {
          await attachments.keep(entry);
          await reactions.add(reacted(types.comment, key, entry));
        },
        place: (entry) => {
          const { id, updated_at: at, issue_url: number } = shaped(issueComment, entry, 'a comment');
          return { key: `issues/${number}/comments/${id}`, at };
        },
      }),
    );
  }

  /** Newest first until the watermark, since the list cannot be asked for what has changed. */
  async #pulls(sink: RecordSink, pulse: Pulse | undefined): Promise<void> {
    if (pulse && !sink.reconcile && isSettledBy(sink, types.pull, pulse.pullRequests)) {
      sink.done(types.pull);
      return;
    }
    const read = new NewestFirst(sink, types.pull, { wholly: false });
    const list = `${this.#place.path}/pulls?state=all&sort=updated&direction=desc`;
    await this.#part(sink, types.pull, async () => {
      for await (const entry of this.#api.list(list, `the pull requests of ${this.#place.name}`)) {
        const { number, updated_at: at } = shaped(changedNumber, entry, 'a pull request');
        if (read.wasRead(at)) break;
        await sink.put({ type: types.pull, key: `issues/${number}/pull`, api: restVersion, record: entry, at });
      }
      read.end();
      sink.done(types.pull);
    });
  }

  /** What REST gives for one issue at a time, or not at all: timelines, reviews, threads and whether they are resolved. */
  async #details(sink: RecordSink, pulse: Pulse | undefined, aspects: Aspects): Promise<void> {
    const kinds = [
      { type: types.issueTimeline, query: issueDetailsQuery, list: 'issues', length: 100, pulse: pulse?.issues },
      {
        type: types.pullTimeline,
        query: pullDetailsQuery,
        list: 'pullRequests',
        length: 50,
        pulse: pulse?.pullRequests,
      },
    ] as const;
    for (const kind of kinds) {
      const own = kind.list === 'issues' ? [] : [types.review, types.thread];
      if (!kind.pulse) {
        for (const type of [kind.type, ...own])
          this.#omit(sink, type, 'GitHub gives it only to a token that may read it');
        continue;
      }
      if (sink.reconcile || !isSettledBy(sink, kind.type, kind.pulse)) await this.#detailsOf(sink, kind, aspects);
      for (const type of [kind.type, ...own]) sink.done(type);
    }
    if (!pulse || !sink.reconcile) return;
    for (const type of [types.issue, types.pull, types.comment]) sink.whole(type);
    if (!this.#isCut) sink.whole(types.reviewComment);
  }

  async #detailsOf(
    sink: RecordSink,
    { type, query, list, length }: { type: string; query: string; list: string; length: number },
    { attachments, reactions }: Aspects,
  ): Promise<void> {
    const read = new NewestFirst(sink, type);
    const { owner, repository, name } = this.#place;
    const nodes = nodesOf({
      api: this.#api,
      query,
      variables: { owner, name: repository, ids: sink.reconcile },
      what: `the timelines of ${name}`,
      length,
      at: (data) => property(property(data, 'repository'), list),
    });
    for await (const node of nodes) {
      const details = shaped(detailsSchema, node, 'a timeline');
      if (read.wasRead(details.updatedAt)) break;
      const said = await this.#putDetails(sink, type, details, list === 'issues', reactions);
      for (const review of said) await attachments.keep(review);
    }
    read.end();
  }

  /** @returns the reviews */
  async #putDetails(
    sink: RecordSink,
    type: string,
    details: Details,
    isIssue: boolean,
    whoReacted: Reactions,
  ): Promise<unknown[]> {
    const { number, updatedAt: at, timelineItems, reactions, parent, subIssues } = details;
    const { comments, reviews, reviewThreads } = details;
    const { owner, repository, name } = this.#place;
    const key = `issues/${number}`;
    const all = (begun: v.InferOutput<typeof connection>, query: string): Promise<unknown[]> =>
      allNodes(begun, {
        api: this.#api,
        query,
        variables: { owner, name: repository, number },
        what: `the timeline of ${name}#${number}`,
      });
    if (sink.reconcile) {
      await sink.exists(types.issue, key);
      if (!isIssue) await sink.exists(types.pull, `${key}/pull`);
    }
    const items = await all(timelineItems, isIssue ? restQueries.issueTimeline : restQueries.pullTimeline);
    const record = {
      number,
      updatedAt: at,
      ...(parent === undefined ? {} : { parent }),
      ...(subIssues ? { subIssues: await all(subIssues, restQueries.subIssues) } : {}),
      ...(reactions
        ? { reactions: await all(reactions, isIssue ? restQueries.issueReactions : restQueries.pullReactions) }
        : {}),
      timelineItems: items,
    };
    await sink.put({ type, key: `${key}/timeline`, api: graphqlVersion, record, at });
    for (const entry of comments
      ? await all(comments, isIssue ? restQueries.issueComments : restQueries.pullComments)
      : []) {
      const { fullDatabaseId: id } = shaped(commentId, entry, 'a comment');
      if (id != null) await sink.exists(types.comment, `${key}/comments/${id}`);
    }
    const allReviews = reviews ? await all(reviews, restQueries.reviews) : [];
    if (reviews) {
      for (const review of allReviews) {
        const { id, fullDatabaseId } = shaped(reviewId, review, 'a review');
        const own = `${key}/reviews/${fullDatabaseId ?? encodeURIComponent(id)}`;
        await sink.put({ type: types.review, key: own, api: graphqlVersion, record: review });
        await whoReacted.add(reacted(types.review, own, review));
      }
      sink.whole(types.review, key);
    }
    if (reviewThreads) {
      for (const thread of await all(reviewThreads, restQueries.threads)) {
        const { id, comments: said } = shaped(threadSchema, thread, 'a thread');
        const own = `${key}/threads/${encodeURIComponent(id)}`;
        await sink.put({ type: types.thread, key: own, api: graphqlVersion, record: thread });
        if (!sink.reconcile) continue;
        if ((said.totalCount ?? 0) > said.nodes.length) this.#isCut = true;
        for (const entry of said.nodes) {
          const { fullDatabaseId: comment } = shaped(commentId, entry, 'a review comment');
          if (comment != null) await sink.exists(types.reviewComment, `${key}/review-comments/${comment}`);
        }
      }
      sink.whole(types.thread, key);
    }
    return allReviews;
  }

  /** What is listed whole, unless the pulse says that it is as it was. */
  async #lists(sink: RecordSink, pulse: Pulse | undefined, { attachments, reactions }: Aspects): Promise<void> {
    const { path, name } = this.#place;
    const lists = [
      {
        type: types.label,
        list: 'labels',
        pulse: pulse?.labels,
        key: (entry: unknown) => `labels/${shaped(identified, entry, 'a label').id}`,
      },
      {
        type: types.milestone,
        list: 'milestones?state=all',
        pulse: pulse?.milestones,
        key: (entry: unknown) => `milestones/${shaped(numbered, entry, 'a milestone').number}`,
      },
      {
        type: types.commitComment,
        list: 'comments',
        pulse: pulse?.commitComments,
        key: (entry: unknown) => `commit-comments/${shaped(identified, entry, 'a comment').id}`,
      },
    ];
    for (const { type, list, pulse: now, key } of lists) {
      const seen = now && createHash('sha256').update(JSON.stringify(now)).digest('hex').slice(0, 32);
      if (seen !== undefined && !sink.reconcile && sink.noted(type) === seen && sink.known(type)?.complete) {
        sink.done(type);
        continue;
      }
      await this.#part(sink, type, async () => {
        for await (const record of this.#api.list(`${path}/${list}`, `the ${list} of ${name}`)) {
          await sink.put({ type, key: key(record), api: restVersion, record });
          await attachments.keep(record);
          await reactions.add(reacted(type, key(record), record));
        }
        sink.whole(type);
        sink.done(type);
        if (seen !== undefined) sink.note(type, seen);
      });
    }
  }

  #part(sink: RecordSink, type: string, read: () => Promise<void>): Promise<void> {
    return unlessRefused(read, (why) => this.#omit(sink, type, why));
  }

  #omit(sink: RecordSink, type: string, why: string): void {
    this.#unread.add(type);
    sink.omit(type, why);
  }
}

/** Whether nothing of a list was changed after the watermark of a type. */
function isSettledBy(sink: RecordSink, type: string, { nodes }: v.InferOutput<typeof pulseList>): boolean {
  const known = sink.known(type);
  if (!known?.complete) return false;
  const [newest] = nodes;
  if (newest === undefined) return true;
  return known.watermark !== undefined && shaped(timed, newest, 'an issue').updatedAt <= known.watermark;
}

function isUnauthorised(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === 'AccessDenied';
}
