import { code, compose, readable, type Original, type Post } from './text/compose.ts';
import type { DefuseOptions } from './text/defuse.ts';
import type { StoredPull } from './stored.ts';
import type { Thread } from './threads.ts';

/** What a thread becomes. */
export interface WantedThread {
  number: number;
  title: string;
  /** The text of the issue or pull request itself. */
  body: Post;
  /** What follows it, in the order in which it was said. */
  posts: Post[];
  state: 'open' | 'closed';
  stateReason: 'completed' | 'not_planned' | undefined;
  locked: boolean;
  lockReason: string | undefined;
  labels: string[];
  /** By its number where numbers are kept. */
  milestone: { number: number; title: string } | undefined;
  assignees: string[];
  /** Branches between which a real pull request can be; undefined for an issue. */
  pull: { head: string; base: string; draft: boolean } | undefined;
}

export interface WantedOptions extends DefuseOptions {
  /** The repository that was stored: `acme/web`. */
  from: string;
  snapshot: string;
  /** The branches that the target has, by name without `refs/heads/`, with their commits. */
  branches: ReadonlyMap<string, string>;
  assignees: boolean;
  /** Whether all pull requests are made as drafts, so that no owner of code is asked for a review. */
  drafts: boolean;
}

/** Marks what was a pull request and is an issue now. */
export const pullLabel = 'was a pull request';

const lockReasons = ['off-topic', 'too heated', 'resolved', 'spam'];

export function wantedThread(thread: Thread, options: WantedOptions): WantedThread {
  const { issue, pull, number } = thread;
  const real = pull && realPull(pull, options);
  const [body, ...more] = compose(
    { of: `${options.from}/issues/${number}`, snapshot: options.snapshot },
    {
      author: issue.user?.login,
      did: pull ? `opened this pull request, #${keeps(number, options)},` : `opened this issue`,
      at: issue.created_at,
      url: issue.html_url,
      more: [...(pull ? describePull(pull) : []), ...closing(thread)],
      text: issue.body ?? '',
    },
    options,
  );
  const isLocked = issue.locked;
  const reason = issue.active_lock_reason ?? '';
  return {
    number,
    title: issue.title,
    body,
    posts: [...more, ...said(thread, options)],
    state: issue.state,
    stateReason:
      issue.state_reason === 'completed' || issue.state_reason === 'not_planned' ? issue.state_reason : undefined,
    locked: isLocked,
    lockReason: isLocked && lockReasons.includes(reason) ? reason : undefined,
    labels: [...issue.labels, ...(pull && !real ? [pullLabel] : [])],
    milestone: issue.milestone ?? undefined,
    assignees: options.assignees ? issue.assignees.map(({ login }) => login) : [],
    pull: real,
  };
}

/** A number that is not kept must not lead to something else. */
function keeps(number: number, { keepsNumbers }: DefuseOptions): string {
  return keepsNumbers ? String(number) : `\u200b${number}`;
}

/** A real pull request needs both branches, is open, and is not between equal ones. */
function realPull({ state, merged_at, draft, head, base }: StoredPull, { branches, from, drafts }: WantedOptions) {
  const isOwn = head.repo?.full_name === undefined || [from, ''].includes(head.repo.full_name);
  const [ahead, behind] = [branches.get(head.ref), branches.get(base.ref)];
  if (state !== 'open' || merged_at != null || !isOwn || ahead === undefined || behind === undefined) return undefined;
  return ahead === behind || ahead !== head.sha
    ? undefined
    : { head: head.ref, base: base.ref, draft: draft || drafts };
}

function describePull({ state, merged_at: merged, merge_commit_sha: commit, head, base, draft }: StoredPull): string[] {
  const of = ({ ref, sha, label }: StoredPull['head']): string => `${code(label ?? ref)} (${code(sha)})`;
  const outcome =
    merged == null
      ? `${draft ? 'a draft, ' : ''}${state}`
      : `merged on ${readable(merged)}${commit == null ? '' : ` as ${code(commit)}`}`;
  return [`From ${of(head)} into ${of(base)}; ${outcome}`];
}

function closing({ issue: { closed_at: closed }, pull }: Thread): string[] {
  return closed == null || pull?.merged_at != null ? [] : [`Closed on ${readable(closed)}`];
}

const verdicts: Readonly<Record<string, string>> = {
  APPROVED: 'approved these changes',
  CHANGES_REQUESTED: 'requested changes',
  COMMENTED: 'reviewed',
  DISMISSED: 'reviewed (dismissed)',
  PENDING: 'began a review',
};

/** Comments, reviews and what was said on lines, in the order of their times. */
function said(thread: Thread, options: WantedOptions): Post[] {
  const all: { key: string; original: Original }[] = [
    ...thread.comments.map(({ key, record }) => ({
      key,
      original: {
        author: record.user?.login,
        did: 'commented',
        at: record.created_at,
        url: record.html_url,
        more: [],
        text: record.body ?? '',
      },
    })),
    ...thread.reviews.filter(isTelling).map(({ key, record }) => ({
      key,
      original: {
        author: record.author?.login,
        did: verdicts[record.state] ?? 'reviewed',
        at: record.submittedAt ?? record.createdAt ?? undefined,
        url: undefined,
        more: record.commit ? [`At commit ${code(record.commit.oid)}`] : [],
        text: record.body ?? '',
      },
    })),
    ...thread.reviewComments.map(({ key, record }) => ({
      key,
      original: {
        author: record.user?.login,
        did: 'commented on a line',
        at: record.created_at,
        url: record.html_url,
        more: [placeInFile(record, thread.resolved.has(String(record.id)))],
        text: `${hunk(record.diff_hunk)}${record.body ?? ''}`,
      },
    })),
  ];
  all.sort((a, b) => ((a.original.at ?? '') < (b.original.at ?? '') ? -1 : 1));
  return all.flatMap(({ key, original }) =>
    compose({ of: `${options.from}/${key}`, snapshot: options.snapshot }, original, options),
  );
}

/** A review that only holds comments on lines says nothing by itself. */
function isTelling({ record: { state, body } }: Thread['reviews'][number]): boolean {
  return state !== 'COMMENTED' || (body ?? '') !== '';
}

type ReviewComment = Thread['reviewComments'][number]['record'];

function placeInFile({ path, line, original_line: original, start_line: start }: ReviewComment, resolved: boolean) {
  const at = line ?? original;
  const lines = at == null ? '' : start == null ? `, line ${at}` : `, lines ${start} to ${at}`;
  return `${code(path)}${lines}${resolved ? '; resolved' : ''}`;
}

/** In a fence that is longer than any within it. */
function hunk(diff: string): string {
  if (diff === '') return '';
  const longest = Math.max(2, ...Array.from(diff.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${diff}\n${fence}\n\n`;
}
