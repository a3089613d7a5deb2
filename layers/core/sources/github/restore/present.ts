import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { nameOf, pathOf, type RestoreTarget } from './target.ts';
import { markerIn, type Marker } from './text/marker.ts';

const named = v.object({ name: v.nullish(v.string(), '') });

export const issueSchema = v.object({
  number: v.number(),
  title: v.string(),
  body: v.nullish(v.string()),
  state: v.string(),
  state_reason: v.nullish(v.string()),
  locked: v.optional(v.boolean(), false),
  labels: v.optional(v.array(v.union([v.string(), named])), []),
  milestone: v.nullish(v.object({ number: v.number(), title: v.string() })),
  assignees: v.nullish(v.array(v.object({ login: v.string() })), []),
  pull_request: v.optional(v.unknown()),
});

export const commentSchema = v.object({ id: v.number(), body: v.nullish(v.string()) });

/** An issue or pull request that the target has. */
export interface PresentIssue {
  number: number;
  /** Absent where this program did not make it. */
  marker: Marker | undefined;
  title: string;
  bodyDigest: string;
  state: string;
  stateReason: string | undefined;
  locked: boolean;
  labels: string[];
  milestone: { number: number; title: string } | undefined;
  assignees: string[];
  isPull: boolean;
}

/** What the target has of issues and what was said in them. */
export interface PresentThreads {
  issues: Map<number, PresentIssue>;
  /** The digests of the comments that this program made, by what they were. */
  posts: Map<string, string>;
}

/** Reads all issues, and the comments too where there are any. */
export async function presentThreads(target: RestoreTarget): Promise<PresentThreads> {
  const { writer } = target;
  const issues = new Map<number, PresentIssue>();
  const list = `${pathOf(target)}/issues?state=all&sort=created&direction=asc`;
  for await (const one of writer.list(list, `the issues of ${nameOf(target)}`, issueSchema))
    issues.set(one.number, presentIssue(one));
  const posts = new Map<string, string>();
  if (issues.size === 0) return { issues, posts };
  const comments = `${pathOf(target)}/issues/comments?sort=created&direction=asc`;
  for await (const { body } of writer.list(comments, `the comments of ${nameOf(target)}`, commentSchema)) {
    const marker = markerIn(body);
    if (marker) posts.set(marker.of, textDigest(body ?? ''));
  }
  return { issues, posts };
}

export function presentIssue(one: v.InferOutput<typeof issueSchema>): PresentIssue {
  return {
    number: one.number,
    marker: markerIn(one.body),
    title: one.title,
    bodyDigest: textDigest(one.body ?? ''),
    state: one.state,
    stateReason: one.state_reason ?? undefined,
    locked: one.locked,
    labels: one.labels.map((label) => (typeof label === 'string' ? label : label.name)),
    milestone: one.milestone ?? undefined,
    assignees: one.assignees.map(({ login }) => login),
    isPull: one.pull_request !== undefined,
  };
}

/** Tells texts apart as far as GitHub keeps them: ends of lines and white space around them may come back otherwise. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text.replace(/\r\n?/g, '\n').trim()).digest('hex').slice(0, 32);
}
