import type * as v from 'valibot';
import {
  stored,
  storedComment,
  storedIssue,
  storedPull,
  storedReview,
  storedReviewComment,
  storedReviewThread,
  storedTimeline,
  type StoredIssue,
  type StoredPull,
  type StoredRecord,
} from './stored.ts';

interface Keyed<Record> {
  key: string;
  record: Record;
}

/** An issue or pull request with all that was said about it. */
export interface Thread {
  number: number;
  issue: StoredIssue;
  pull: StoredPull | undefined;
  comments: Keyed<v.InferOutput<typeof storedComment>>[];
  reviews: Keyed<v.InferOutput<typeof storedReview>>[];
  reviewComments: Keyed<v.InferOutput<typeof storedReviewComment>>[];
  /** Of the comments on lines, those whose threads are resolved. */
  resolved: ReadonlySet<string>;
  /** How many events its timeline has. */
  events: number;
}

/**
 * The threads of a dataset, by their numbers, one at a time.
 * @param deleted whether also those that were gone from their source, and comments that were: their last state
 */
export async function* threadsOf(records: AsyncIterable<StoredRecord>, deleted = false): AsyncGenerator<Thread> {
  let number: number | undefined;
  let lines: StoredRecord[] = [];
  for await (const line of records) {
    const found = /^issues\/(\d+)(?:\/|$)/.exec(line.key)?.[1];
    if (found === undefined) continue;
    if (Number(found) !== number) {
      const thread = threadOf(lines);
      if (thread) yield thread;
      number = Number(found);
      lines = [];
    }
    if (deleted || line.deleted === undefined) lines.push(line);
  }
  const last = threadOf(lines);
  if (last) yield last;
}

/** Undefined where the issue itself is not among them. */
function threadOf(lines: readonly StoredRecord[]): Thread | undefined {
  const of = <const Schema extends v.GenericSchema>(type: string, schema: Schema): Keyed<v.InferOutput<Schema>>[] =>
    lines.filter((line) => line.type === type).map((line) => ({ key: line.key, record: stored(schema, line) }));
  const [issue] = of('issue', storedIssue);
  if (!issue) return undefined;
  const [pull] = of('pull-request', storedPull);
  const timelines = [...of('issue-timeline', storedTimeline), ...of('pull-request-timeline', storedTimeline)];
  const resolved = of('review-thread', storedReviewThread)
    .filter(({ record }) => record.isResolved)
    .flatMap(({ record }) => record.comments.nodes.map(({ fullDatabaseId }) => String(fullDatabaseId)));
  return {
    number: issue.record.number,
    issue: issue.record,
    pull: pull?.record,
    comments: of('issue-comment', storedComment),
    reviews: of('review', storedReview),
    reviewComments: of('review-comment', storedReviewComment),
    resolved: new Set(resolved),
    events: timelines.reduce((sum, { record }) => sum + record.timelineItems.length, 0),
  };
}
