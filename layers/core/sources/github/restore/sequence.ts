import * as v from 'valibot';
import { HoldfastError, hasCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import {
  commentSchema,
  issueSchema,
  presentIssue,
  textDigest,
  type PresentIssue,
  type PresentThreads,
} from './present.ts';
import { addComment } from './comments.ts';
import { labelKey } from './labels.ts';
import { nameOf, pathOf, type RestoreTarget } from './target.ts';
import { markerIn, markerLine } from './text/marker.ts';
import { pullLabel, type WantedThread } from './wanted.ts';

/** A record that GitHub did not take, and why. */
export interface RefusedRecord {
  of: string;
  why: string;
}

export interface SequenceOptions {
  /** The repository that was stored: `acme/web`. */
  from: string;
  snapshot: string;
  /** Of numbers that are no issues: what they were. */
  gaps: ReadonlyMap<number, string>;
  signal?: AbortSignal | undefined;
  /** After each issue, and each comment. */
  onMade?: (() => void) | undefined;
  /** Notes on this machine what was made, as soon as it is. */
  note?: ((of: string, number: number) => Promise<void>) | undefined;
  /** By `note` of an earlier attempt. */
  noted?: ReadonlyMap<string, number> | undefined;
}

interface NewIssue {
  title: string;
  body: string;
  labels: string[];
  assignees: string[];
  milestone?: number;
}

/**
 * Issues and pull requests with the numbers that they had: GitHub counts up from 1, so they are made one after the other, and
 * where a number is missing a closed issue takes its place. Each step is looked for before it is taken, so a restore that was
 * interrupted goes on where it stopped.
 */
export class IssueSequence {
  readonly #target: RestoreTarget;
  readonly #present: PresentThreads;
  readonly #options: SequenceOptions;
  readonly refused: RefusedRecord[] = [];
  #next = 1;

  constructor(target: RestoreTarget, present: PresentThreads, options: SequenceOptions) {
    this.#target = target;
    this.#present = present;
    this.#options = options;
  }

  /** @throws {HoldfastError} TargetNotEmpty where a number is taken by something else */
  async add(wanted: WantedThread): Promise<void> {
    while (this.#next < wanted.number) await this.#placeholder(this.#next++);
    this.#next = wanted.number + 1;
    const issue = await this.#issue(wanted);
    if (issue.marker?.sort === 'placeholder') return;
    for (const post of wanted.posts) await this.#comment(wanted.number, post);
    await this.#finish(wanted, issue);
  }

  async #issue(wanted: WantedThread): Promise<PresentIssue> {
    const { number, body } = wanted;
    const there = this.#at(number, body.of) ?? (await this.#noted(number, body.of));
    if (there && there.marker?.sort !== 'placeholder') return there;
    const content = {
      title: wanted.title,
      body: body.body,
      labels: wanted.labels,
      assignees: wanted.assignees,
      ...(wanted.milestone ? { milestone: wanted.milestone.number } : {}),
    };
    try {
      // One whose text GitHub refused before; it may take it by now.
      if (there) return await this.#change(number, content);
      return await this.#makeAs(wanted, content);
    } catch (error) {
      if (!hasCode(error, 'RemoteRefused')) throw error;
      this.refused.push({ of: body.of, why: error.message });
      return there ?? (await this.#placeholder(number));
    }
  }

  async #makeAs(wanted: WantedThread, content: NewIssue): Promise<PresentIssue> {
    const { number, body, pull } = wanted;
    if (!pull) return this.#make(number, body.of, content);
    try {
      return await this.#pull(wanted, pull, content);
    } catch (error) {
      // Not every repository takes drafts, and a branch may have moved.
      if (!hasCode(error, 'RemoteRefused', 'AlreadyExists')) throw error;
      return this.#make(number, body.of, { ...content, labels: [...content.labels, pullLabel] });
    }
  }

  async #pull(
    wanted: WantedThread,
    { head, base, draft }: NonNullable<WantedThread['pull']>,
    { title, body, ...more }: NewIssue,
  ): Promise<PresentIssue> {
    const { number } = wanted;
    const path = `${pathOf(this.#target)}/pulls`;
    const what = `the pull request ${nameOf(this.#target)}#${number}`;
    const schema = v.object({ number: v.number(), body: v.nullish(v.string()) });
    const find = (): Promise<v.InferOutput<typeof schema> | undefined> => this.#find(number, wanted.body.of);
    const made = await this.#target.writer.create(path, what, schema, { title, body, head, base, draft }, find);
    await this.#took(number, made.number, wanted.body.of);
    // Labels and milestones cannot be given when it is made.
    return this.#change(number, more);
  }

  async #placeholder(number: number): Promise<PresentIssue> {
    const { from, snapshot, gaps } = this.#options;
    const of = `${from}/issues/${number}`;
    const there = this.#at(number, of);
    const what = gaps.get(number) ?? 'an issue or pull request that is gone';
    const made =
      there ??
      (await this.#make(number, of, {
        title: `#${number} was ${what}`,
        body: `${markerLine({ sort: 'placeholder', of, snapshot })}\nThis only keeps the numbers of all others as they were.`,
      }));
    if (made.state === 'closed') return made;
    return this.#change(number, { state: 'closed', state_reason: 'not_planned' });
  }

  async #make(number: number, of: string, content: object): Promise<PresentIssue> {
    const path = `${pathOf(this.#target)}/issues`;
    const what = `the issue ${nameOf(this.#target)}#${number}`;
    throwIfInterrupted(this.#options.signal);
    const made = await this.#target.writer.create(path, what, issueSchema, content, () => this.#find(number, of));
    await this.#took(number, made.number, of);
    const present = presentIssue(made);
    this.#present.issues.set(number, present);
    return present;
  }

  async #took(wanted: number, got: number, of: string): Promise<void> {
    if (got !== wanted)
      throw new HoldfastError(
        'TargetNotEmpty',
        `${nameOf(this.#target)} gives the number ${got} where ${wanted} was the next: it had issues, pull requests or discussions before`,
        { advice: `Restore into a new repository. What was made there by this attempt is #${got}.` },
      );
    await this.#options.note?.(of, got);
    this.#options.onMade?.();
  }

  /** What GitHub has at a number, where it is ours. */
  async #find(number: number, of: string): Promise<v.InferOutput<typeof issueSchema> | undefined> {
    const path = `${pathOf(this.#target)}/issues/${number}`;
    try {
      const { data } = await this.#target.writer.read(path, `the issue ${nameOf(this.#target)}#${number}`, issueSchema);
      return markerIn(data.body)?.of === of ? data : undefined;
    } catch (error) {
      if (hasCode(error, 'SourceMissing')) return undefined;
      throw error;
    }
  }

  /** What an earlier attempt made and GitHub does not list yet. */
  async #noted(number: number, of: string): Promise<PresentIssue | undefined> {
    const found = this.#options.noted?.has(of) === true ? await this.#find(number, of) : undefined;
    return found && presentIssue(found);
  }

  async #hasNoted(of: string): Promise<boolean> {
    const id = this.#options.noted?.get(of);
    if (id === undefined) return false;
    const path = `${pathOf(this.#target)}/issues/comments/${id}`;
    try {
      const { data } = await this.#target.writer.read(path, `a comment of ${nameOf(this.#target)}`, commentSchema);
      return markerIn(data.body)?.of === of;
    } catch (error) {
      if (hasCode(error, 'SourceMissing')) return false;
      throw error;
    }
  }

  async #comment(number: number, { of, body }: { of: string; body: string }): Promise<void> {
    if (this.#present.posts.has(of) || (await this.#hasNoted(of))) return;
    throwIfInterrupted(this.#options.signal);
    try {
      const made = await addComment(this.#target, number, { of, body });
      this.#present.posts.set(of, textDigest(made.body ?? ''));
      await this.#options.note?.(of, made.id);
      this.#options.onMade?.();
    } catch (error) {
      if (!hasCode(error, 'RemoteRefused')) throw error;
      this.refused.push({ of, why: error.message });
    }
  }

  /** State and lock come last: what is locked takes no comments. */
  async #finish(wanted: WantedThread, issue: PresentIssue): Promise<void> {
    const { number, state, stateReason, locked, lockReason } = wanted;
    // Between a pull request and its labels an earlier attempt may have ended.
    const has = new Set(issue.labels.map(labelKey));
    if (wanted.labels.some((name) => !has.has(labelKey(name)))) await this.#change(number, { labels: wanted.labels });
    if (state !== issue.state) {
      const reason = state === 'closed' && stateReason !== undefined && !issue.isPull;
      await this.#change(number, { state, ...(reason ? { state_reason: stateReason } : {}) });
    }
    if (!locked || issue.locked) return;
    const path = `${pathOf(this.#target)}/issues/${number}/lock`;
    const content = lockReason === undefined ? {} : { lock_reason: lockReason };
    await this.#target.writer.change(
      'PUT',
      path,
      `the lock of ${nameOf(this.#target)}#${number}`,
      v.unknown(),
      content,
    );
  }

  async #change(number: number, content: object): Promise<PresentIssue> {
    const path = `${pathOf(this.#target)}/issues/${number}`;
    const what = `the issue ${nameOf(this.#target)}#${number}`;
    const present = presentIssue((await this.#target.writer.change('PATCH', path, what, issueSchema, content)).data);
    this.#present.issues.set(number, present);
    return present;
  }

  /** @throws {HoldfastError} TargetNotEmpty for what this program did not put there */
  #at(number: number, of: string): PresentIssue | undefined {
    const there = this.#present.issues.get(number);
    if (there && there.marker?.of !== of) throw numberTaken(this.#target, number);
    return there;
  }
}

export function numberTaken(target: Pick<RestoreTarget, 'owner' | 'repository'>, number: number): HoldfastError {
  return new HoldfastError('TargetNotEmpty', `${nameOf(target)} has an issue or pull request #${number} already`, {
    advice:
      'Numbers are kept, so issues are restored into a repository that never had any. A single one goes anywhere: --issue <number>.',
  });
}
