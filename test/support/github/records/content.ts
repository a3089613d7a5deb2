/**
 * What a repository of the stand-in holds beside its code, in the shapes of GitHub's published API description: the
 * compiler holds them against it. A test changes it by these methods, each of which lets the clock of GitHub move on.
 */
import { createHash } from 'node:crypto';
import { listedRepository, simpleUser } from '../documents.ts';
import type { components } from '@octokit/openapi-types';

type Schemas = components['schemas'];
export type Issue = Schemas['issue'];
export type IssueComment = Schemas['issue-comment'];
export type ReviewComment = Schemas['pull-request-review-comment'];
export type Pull = Schemas['pull-request-simple'];
export type Label = Schemas['label'];
export type Milestone = Schemas['milestone'];
export type CommitComment = Schemas['commit-comment'];
export type Release = Schemas['release'];
export type ReleaseAsset = Schemas['release-asset'];

/** A review or a thread, as GraphQL has them. */
export interface Review {
  id: number;
  pull: number;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED';
  body: string;
  author: string;
  at: string;
}

export interface Thread {
  id: string;
  pull: number;
  isResolved: boolean;
  path: string;
  comments: number[];
}

/** An event of a timeline. */
export interface TimelineEvent {
  __typename: string;
  id: string;
  createdAt: string;
  actor: { __typename: 'User'; login: string };
  [more: string]: unknown;
}

export interface Reaction {
  content: 'THUMBS_UP' | 'HEART';
  user: string;
  at: string;
}

export interface Discussion {
  id: string;
  number: number;
  title: string;
  body: string;
  author: string;
  createdAt: string;
  updatedAt: string;
  comments: DiscussionComment[];
}

export interface DiscussionComment {
  id: number;
  body: string;
  author: string;
  at: string;
  isAnswer: boolean;
  replies: { id: number; body: string; author: string; at: string }[];
}

export interface Asset {
  content: Buffer;
  /** How the API answers: with the bytes, or with the address of a storage host. Default: `redirect`. */
  by: 'redirect' | 'itself';
  /** What the storage host sends instead. */
  sent?: Buffer;
}

/** Any JSON, by the path below the repository: what a test puts there, the settings are made of. */
export type Settings = Map<string, unknown>;

export class RepositoryContent {
  readonly base: string;
  readonly issues = new Map<number, Issue>();
  readonly pulls = new Map<number, Pull>();
  readonly comments = new Map<number, IssueComment>();
  readonly reviewComments = new Map<number, ReviewComment>();
  readonly reviews: Review[] = [];
  readonly threads: Thread[] = [];
  readonly timelines = new Map<number, TimelineEvent[]>();
  /** To issues and pull requests themselves, by their number. */
  readonly reactions = new Map<number, Reaction[]>();
  /** To anything else, by its id in GraphQL. */
  readonly reactionsTo = new Map<string, Reaction[]>();
  /** Which issues block an issue, by its number. */
  readonly blockedBy = new Map<number, number[]>();
  readonly subIssues = new Map<number, number[]>();
  readonly labels: Label[] = [];
  readonly milestones: Milestone[] = [];
  readonly commitComments: CommitComment[] = [];
  readonly discussions: Discussion[] = [];
  readonly releases: Release[] = [];
  readonly assets = new Map<number, Asset>();
  readonly settings: Settings = new Map();
  /** Properties of the repository itself. */
  readonly fields: Record<string, unknown> = {};
  #milestone = 0;
  /** GitHub's clock: each change is a minute later than the one before. */
  clock = Date.UTC(2026, 0, 1);
  #number = 0;
  #id = 5000;

  /** @param base of the repository in the API: `https://api.github.com/repos/acme/api` */
  constructor(base: string) {
    this.base = base;
  }

  tick(milliseconds = 60_000): string {
    this.clock += milliseconds;
    return new Date(this.clock).toISOString().replace('.000Z', 'Z');
  }

  openIssue(title: string, body = '', author = 'octo'): number {
    const number = ++this.#number;
    this.issues.set(number, this.#issue(number, title, body, author));
    this.event(number, 'LabeledEvent', { label: { __typename: 'Label', name: 'triage' } });
    return number;
  }

  openPull(title: string, body = '', author = 'octo'): number {
    const number = ++this.#number;
    const issue = this.#issue(number, title, body, author);
    const url = `${this.base}/pulls/${number}`;
    this.issues.set(number, { ...issue, pull_request: { url, html_url: url, diff_url: url, patch_url: url } });
    this.pulls.set(number, pullOf(issue, url));
    return number;
  }

  comment(number: number, body: string, author = 'octo'): number {
    const at = this.tick();
    const id = ++this.#id;
    const url = `${this.base}/issues/comments/${id}`;
    this.comments.set(id, {
      id,
      node_id: `IC_${id}`,
      url,
      html_url: url,
      body,
      user: user(author),
      created_at: at,
      updated_at: at,
      issue_url: `${this.base}/issues/${number}`,
      author_association: 'MEMBER',
    });
    this.touch(number, at);
    return id;
  }

  reviewComment(number: number, body: string, author = 'octo'): number {
    const at = this.tick();
    const id = ++this.#id;
    const url = `${this.base}/pulls/comments/${id}`;
    this.reviewComments.set(id, {
      id,
      node_id: `PRRC_${id}`,
      url,
      html_url: url,
      pull_request_review_id: null,
      diff_hunk: '@@ -1 +1 @@',
      path: 'README.md',
      commit_id: 'a'.repeat(40),
      original_commit_id: 'a'.repeat(40),
      user: user(author),
      body,
      created_at: at,
      updated_at: at,
      pull_request_url: `${this.base}/pulls/${number}`,
      author_association: 'MEMBER',
      _links: { self: { href: url }, html: { href: url }, pull_request: { href: url } },
    });
    this.threads.push({ id: `PRRT_${id}`, pull: number, isResolved: false, path: 'README.md', comments: [id] });
    this.touch(number, at);
    return id;
  }

  review(pull: number, state: Review['state'], body = '', author = 'guest'): void {
    const at = this.tick();
    this.reviews.push({ id: ++this.#id, pull, state, body, author, at });
    this.touch(pull, at);
  }

  event(number: number, type: string, more: object = {}): void {
    const at = this.tick();
    const event = { __typename: type, id: `E_${++this.#id}`, createdAt: at, actor: actor('octo'), ...more };
    this.timelines.set(number, [...(this.timelines.get(number) ?? []), event]);
  }

  /** Moves no time of the issue's. */
  react(number: number, content: Reaction['content'], user = 'guest'): void {
    this.reactions.set(number, [...(this.reactions.get(number) ?? []), { content, user, at: this.tick() }]);
  }

  /** Of what REST gives, its document counts them. Moves no time either. */
  reactTo(node: string, content: Reaction['content'], user = 'guest'): void {
    const all = [...(this.reactionsTo.get(node) ?? []), { content, user, at: this.tick() }];
    this.reactionsTo.set(node, all);
    const lists = [...this.comments.values(), ...this.reviewComments.values(), ...this.commitComments];
    const found = lists.find(({ node_id: id }) => id === node);
    if (found) found.reactions = rollup(found.url, all);
  }

  block(issue: number, by: number): void {
    this.blockedBy.set(issue, [...(this.blockedBy.get(issue) ?? []), by]);
    this.#countBlocks(issue, by);
  }

  unblock(issue: number, by: number): void {
    this.blockedBy.set(
      issue,
      this.blocking(issue, 'blocked_by').filter((one) => one !== by),
    );
    this.#countBlocks(issue, by);
  }

  blocking(number: number, which: 'blocked_by' | 'blocking'): number[] {
    if (which === 'blocked_by') return this.blockedBy.get(number) ?? [];
    return [...this.blockedBy].filter(([, by]) => by.includes(number)).map(([issue]) => issue);
  }

  #countBlocks(...numbers: number[]): void {
    for (const number of numbers) {
      const [by, of] = [this.blocking(number, 'blocked_by').length, this.blocking(number, 'blocking').length];
      const summary = { blocked_by: by, total_blocked_by: by, blocking: of, total_blocking: of };
      this.editIssue(number, { issue_dependencies_summary: summary });
    }
  }

  commitComment(body: string, author = 'guest'): CommitComment {
    const at = this.tick();
    const id = ++this.#id;
    const url = `${this.base}/comments/${id}`;
    const made: CommitComment = {
      html_url: url,
      url,
      id,
      node_id: `CC_${id}`,
      body,
      path: null,
      position: null,
      line: null,
      commit_id: 'a'.repeat(40),
      user: user(author),
      created_at: at,
      updated_at: at,
      author_association: 'NONE',
    };
    this.commitComments.push(made);
    return made;
  }

  subIssue(parent: number, child: number): void {
    this.subIssues.set(parent, [...(this.subIssues.get(parent) ?? []), child]);
    for (const number of [parent, child]) this.touch(number, this.tick());
  }

  editIssue(number: number, change: Partial<Issue>): void {
    const at = this.tick();
    Object.assign(this.issues.get(number) ?? {}, change);
    this.touch(number, at);
  }

  editComment(id: number, body: string): void {
    const found = this.comments.get(id) ?? this.reviewComments.get(id);
    if (found) Object.assign(found, { body, updated_at: this.tick() });
  }

  /** Deleted or transferred: what is asked for by number afterwards is not there. */
  removeIssue(number: number): void {
    this.issues.delete(number);
    this.pulls.delete(number);
    for (const [id, { issue_url }] of this.comments) if (issue_url.endsWith(`/${number}`)) this.comments.delete(id);
  }

  label(name: string): void {
    const id = ++this.#id;
    const url = `${this.base}/labels/${name}`;
    this.labels.push({ id, node_id: `LA_${id}`, url, name, description: null, color: 'ededed', default: false });
  }

  milestone(title: string): void {
    const at = this.tick();
    const number = ++this.#milestone;
    const url = `${this.base}/milestones/${number}`;
    this.milestones.push({
      url,
      html_url: url,
      labels_url: `${url}/labels`,
      id: ++this.#id,
      node_id: `MI_${number}`,
      number,
      state: 'open',
      title,
      description: null,
      creator: user('octo'),
      open_issues: 0,
      closed_issues: 0,
      created_at: at,
      updated_at: at,
      closed_at: null,
      due_on: null,
    });
  }

  discussion(title: string, body = ''): number {
    const at = this.tick();
    const number = ++this.#number;
    const id = `D_${number}`;
    this.discussions.push({ id, number, title, body, author: 'octo', createdAt: at, updatedAt: at, comments: [] });
    return number;
  }

  discussionComment(number: number, body: string, replies: readonly string[] = []): void {
    const at = this.tick();
    const found = this.discussions.find((one) => one.number === number);
    const said = (text: string) => ({ id: ++this.#id, body: text, author: 'guest', at });
    found?.comments.push({ ...said(body), isAnswer: false, replies: replies.map(said) });
    if (found) found.updatedAt = at;
  }

  release(tag: string, assets: Readonly<Record<string, Asset['content']>> = {}, more: Partial<Release> = {}): Release {
    const at = this.tick();
    const id = ++this.#id;
    const url = `${this.base}/releases/${id}`;
    const made: Release = {
      url,
      html_url: url,
      assets_url: `${url}/assets`,
      upload_url: `${url}/assets{?name,label}`,
      tarball_url: null,
      zipball_url: null,
      id,
      node_id: `RE_${id}`,
      tag_name: tag,
      target_commitish: 'main',
      name: tag,
      body: `What is new in ${tag}`,
      draft: false,
      prerelease: false,
      created_at: at,
      published_at: at,
      author: user('octo'),
      assets: Object.entries(assets).map(([name, content]) => this.#asset(name, content, at)),
      ...more,
    };
    this.releases.push(made);
    return made;
  }

  addAsset(release: Release, name: string, content: Buffer): ReleaseAsset {
    const made = this.#asset(name, content, this.tick());
    release.assets.push(made);
    return made;
  }

  touch(number: number, at: string): void {
    const issue = this.issues.get(number);
    const pull = this.pulls.get(number);
    if (issue) issue.updated_at = at;
    if (issue)
      issue.comments = [...this.comments.values()].filter((one) => one.issue_url.endsWith(`/${number}`)).length;
    if (pull && issue)
      Object.assign(pull, { updated_at: at, title: issue.title, body: issue.body, state: issue.state });
  }

  #asset(name: string, content: Buffer, at: string): ReleaseAsset {
    const id = ++this.#id;
    const url = `${this.base}/releases/assets/${id}`;
    this.assets.set(id, { content, by: 'redirect' });
    return {
      url,
      browser_download_url: url,
      id,
      node_id: `RA_${id}`,
      name,
      label: null,
      state: 'uploaded',
      content_type: 'application/octet-stream',
      size: content.length,
      digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
      download_count: 0,
      created_at: at,
      updated_at: at,
      uploader: user('octo'),
    };
  }

  #issue(number: number, title: string, body: string, author: string): Issue {
    const at = this.tick();
    const url = `${this.base}/issues/${number}`;
    return {
      id: 100_000 + number,
      node_id: `I_${number}`,
      url,
      repository_url: this.base,
      labels_url: `${url}/labels{/name}`,
      comments_url: `${url}/comments`,
      events_url: `${url}/events`,
      html_url: url,
      number,
      state: 'open',
      title,
      body,
      user: user(author),
      labels: [],
      assignee: null,
      assignees: [],
      milestone: null,
      locked: false,
      comments: 0,
      closed_at: null,
      created_at: at,
      updated_at: at,
      author_association: 'MEMBER',
    };
  }
}

function rollup(url: string, all: readonly Reaction[]): Schemas['reaction-rollup'] {
  const of = (content: Reaction['content']): number => all.filter((one) => one.content === content).length;
  const none = { '-1': 0, laugh: 0, confused: 0, hooray: 0, eyes: 0, rocket: 0 };
  return { url, total_count: all.length, '+1': of('THUMBS_UP'), heart: of('HEART'), ...none };
}

export function actor(login: string): { __typename: 'User'; login: string } {
  return { __typename: 'User', login };
}

export function user(login: string): Schemas['simple-user'] {
  return simpleUser(
    { id: 101, login, type: 'User' },
    `https://api.github.com/users/${login}`,
    `https://github.com/${login}`,
  );
}

/** A pull request in lists, which embed both repositories whole. */
function pullOf(issue: Issue, url: string): Pull {
  const link = { href: url };
  const fullName = issue.repository_url.split('/').slice(-2).join('/');
  const repo = listedRepository({
    id: 1001,
    owner: user(fullName.split('/')[0] ?? ''),
    fullName,
    isPrivate: false,
    url: issue.repository_url,
    page: `https://github.com/${fullName}`,
  });
  const branch = { label: 'acme:main', ref: 'main', sha: 'a'.repeat(40), user: user('octo'), repo };
  return {
    url,
    id: issue.id,
    node_id: `PR_${issue.number}`,
    html_url: url,
    diff_url: url,
    patch_url: url,
    issue_url: issue.url,
    commits_url: url,
    review_comments_url: url,
    review_comment_url: url,
    comments_url: url,
    statuses_url: url,
    number: issue.number,
    state: 'open',
    locked: false,
    title: issue.title,
    user: user(issue.user?.login ?? ''),
    body: issue.body ?? null,
    labels: [],
    milestone: null,
    created_at: issue.created_at,
    updated_at: issue.updated_at,
    closed_at: null,
    merged_at: null,
    merge_commit_sha: null,
    assignee: null,
    head: branch,
    base: branch,
    _links: {
      comments: link,
      commits: link,
      statuses: link,
      html: link,
      issue: link,
      review_comments: link,
      review_comment: link,
      self: link,
    },
    author_association: 'MEMBER',
    auto_merge: null,
  };
}
