import * as v from 'valibot';
import { HoldfastError, hasCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import { addComment } from './comments.ts';
import { presentMilestones } from './milestones.ts';
import { commentSchema, issueSchema } from './present.ts';
import type { RefusedRecord } from './sequence.ts';
import type { StoredDataset } from './stored.ts';
import { nameOf, pathOf, type RestoreTarget } from './target.ts';
import { markerIn } from './text/marker.ts';
import { threadsOf, type Thread } from './threads.ts';
import { wantedThread, type WantedThread } from './wanted.ts';

export interface SingleIssue {
  target: RestoreTarget;
  dataset: StoredDataset;
  /** The repository that was stored: `acme/web`. */
  from: string;
  /** The number that it had. */
  number: number;
  assignees: boolean;
  signal?: AbortSignal | undefined;
}

type Present = v.InferOutput<typeof issueSchema>;

/** What becomes of one issue. @throws {HoldfastError} NotFound where the snapshot does not have it */
export async function wantedIssue(request: Omit<SingleIssue, 'signal'>): Promise<WantedThread> {
  const { target, dataset, from, assignees, number } = request;
  return wantedThread(await threadOf(dataset, number), {
    from,
    snapshot: dataset.snapshot,
    branches: new Map(),
    assignees,
    drafts: false,
    keepsNumbers: false,
    webHost: target.writer.addresses.host,
  });
}

/**
 * Brings one issue or pull request back as a new issue, with all that was said in it; also one that was deleted, as it was
 * last. Nothing that is there is changed, and the same one of the same snapshot is not made twice.
 */
export async function restoreSingleIssue(
  request: SingleIssue,
): Promise<{ outcome: 'restored' | 'there'; number: number; refused: RefusedRecord[] }> {
  const { target, dataset, signal } = request;
  const { writer } = target;
  const wanted = await wantedIssue(request);
  const find = async (): Promise<Present | undefined> => {
    const list = `${pathOf(target)}/issues?state=all&sort=created&direction=desc`;
    for await (const one of writer.list(list, `the issues of ${nameOf(target)}`, issueSchema)) {
      const marker = markerIn(one.body);
      if (marker?.of === wanted.body.of && marker.snapshot === dataset.snapshot) return one;
    }
    return undefined;
  };
  const there = await find();
  const issue = there ?? (await make(target, wanted, find));
  const { number } = issue;
  const said = new Set<string>();
  const comments = `${pathOf(target)}/issues/${number}/comments`;
  for await (const { body } of writer.list(comments, `the comments of ${nameOf(target)}#${number}`, commentSchema)) {
    const marker = markerIn(body);
    if (marker) said.add(marker.of);
  }
  const refused: RefusedRecord[] = [];
  const missing = wanted.posts.filter(({ of }) => !said.has(of));
  for (const post of missing) {
    throwIfInterrupted(signal);
    try {
      await addComment(target, number, post);
    } catch (error) {
      if (!hasCode(error, 'RemoteRefused')) throw error;
      refused.push({ of: post.of, why: error.message });
    }
  }
  const isFinished = there !== undefined && missing.length === 0;
  if (!isFinished) await finish(target, wanted, issue);
  return { outcome: isFinished ? 'there' : 'restored', number, refused };
}

async function threadOf(dataset: StoredDataset, number: number): Promise<Thread> {
  for await (const thread of threadsOf(dataset.records(), true)) if (thread.number === number) return thread;
  throw new HoldfastError('NotFound', `the snapshot has no issue or pull request #${number}`);
}

async function make(
  target: RestoreTarget,
  { title, body, labels, assignees, milestone }: WantedThread,
  find: () => Promise<Present | undefined>,
): Promise<Present> {
  // Numbers of milestones mean others here.
  const same =
    milestone && [...(await presentMilestones(target)).values()].find((one) => one.title === milestone.title);
  const content = { title, body: body.body, labels, assignees, ...(same ? { milestone: same.number } : {}) };
  const what = `an issue of ${nameOf(target)}`;
  return target.writer.create(`${pathOf(target)}/issues`, what, issueSchema, content, find);
}

async function finish(
  target: RestoreTarget,
  { state, stateReason, locked, lockReason }: WantedThread,
  issue: Present,
): Promise<void> {
  const path = `${pathOf(target)}/issues/${issue.number}`;
  const what = `the issue ${nameOf(target)}#${issue.number}`;
  if (state !== issue.state)
    await target.writer.change('PATCH', path, what, issueSchema, {
      state,
      ...(state === 'closed' && stateReason !== undefined ? { state_reason: stateReason } : {}),
    });
  if (locked && !issue.locked)
    await target.writer.change('PUT', `${path}/lock`, what, v.unknown(), {
      ...(lockReason === undefined ? {} : { lock_reason: lockReason }),
    });
}
