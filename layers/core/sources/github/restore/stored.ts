import * as v from 'valibot';
import { parse } from '#core/runtime/schema.ts';

/** A record as a vault has it. */
export interface StoredRecord {
  key: string;
  type: string;
  /** Of one that was gone from its source: since which snapshot. */
  deleted?: string | undefined;
  record: unknown;
}

/** A file that belongs to records: of an asset of a release, `id` is `assets/<number>`. */
export interface StoredFile {
  id: string;
  name: string;
  bytes: number;
  sha256: string;
  /** Its bytes, proven as they pass; can be read again. */
  read(): AsyncIterable<Buffer>;
}

/** One snapshot of one dataset. */
export interface StoredDataset {
  snapshot: string;
  /** The records in the order of their keys; can be read again. */
  records(): AsyncIterable<StoredRecord>;
  files: ReadonlyMap<string, StoredFile>;
}

const optionalText = v.nullish(v.string());
const user = v.nullish(v.object({ login: v.string() }));
const count = v.optional(v.number(), 0);
const reactions = v.nullish(v.object({ total_count: count }));
const id = v.union([v.number(), v.string()]);

export const storedLabel = v.object({
  name: v.string(),
  color: v.optional(v.string(), 'ededed'),
  description: optionalText,
});

export const storedMilestone = v.object({
  number: v.number(),
  title: v.string(),
  state: v.optional(v.picklist(['open', 'closed']), 'open'),
  description: optionalText,
  due_on: optionalText,
});

export const storedIssue = v.object({
  number: v.number(),
  title: v.string(),
  body: optionalText,
  user,
  state: v.picklist(['open', 'closed']),
  state_reason: optionalText,
  locked: v.optional(v.boolean(), false),
  active_lock_reason: optionalText,
  labels: v.optional(
    v.array(
      v.union([
        v.string(),
        v.pipe(
          v.object({ name: v.nullish(v.string(), '') }),
          v.transform(({ name }) => name),
        ),
      ]),
    ),
    [],
  ),
  milestone: v.nullish(v.object({ number: v.number(), title: v.string() })),
  assignees: v.nullish(v.array(v.object({ login: v.string() })), []),
  created_at: v.string(),
  closed_at: optionalText,
  html_url: v.optional(v.string()),
  reactions,
  type: v.nullish(v.object({ name: v.string() })),
});

const branch = v.object({
  ref: v.string(),
  sha: v.string(),
  label: optionalText,
  repo: v.nullish(v.object({ full_name: v.optional(v.string(), '') })),
});

export const storedPull = v.object({
  number: v.number(),
  state: v.picklist(['open', 'closed']),
  draft: v.optional(v.boolean(), false),
  merged_at: optionalText,
  merge_commit_sha: optionalText,
  head: branch,
  base: branch,
});

export const storedComment = v.object({
  id,
  body: optionalText,
  user,
  created_at: v.string(),
  html_url: v.optional(v.string()),
  reactions,
});

export const storedReviewComment = v.object({
  ...storedComment.entries,
  path: v.optional(v.string(), ''),
  line: v.nullish(v.number()),
  original_line: v.nullish(v.number()),
  start_line: v.nullish(v.number()),
  diff_hunk: v.optional(v.string(), ''),
  commit_id: v.optional(v.string()),
});

export const storedReview = v.object({
  author: user,
  state: v.string(),
  body: optionalText,
  submittedAt: optionalText,
  createdAt: optionalText,
  commit: v.nullish(v.object({ oid: v.string() })),
});

export const storedReviewThread = v.object({
  isResolved: v.optional(v.boolean(), false),
  comments: v.object({ nodes: v.nullish(v.array(v.object({ fullDatabaseId: v.nullish(id) })), []) }),
});

export const storedTimeline = v.object({ timelineItems: v.nullish(v.array(v.unknown()), []) });

export const storedRelease = v.object({
  id,
  tag_name: v.string(),
  target_commitish: v.optional(v.string()),
  name: optionalText,
  body: optionalText,
  draft: v.optional(v.boolean(), false),
  prerelease: v.optional(v.boolean(), false),
  created_at: v.string(),
  published_at: optionalText,
  author: user,
  html_url: v.optional(v.string()),
  reactions,
  assets: v.optional(
    v.array(
      v.object({
        id,
        name: v.string(),
        label: optionalText,
        content_type: v.optional(v.string(), 'application/octet-stream'),
        size: v.number(),
        state: v.optional(v.string(), 'uploaded'),
      }),
    ),
    [],
  ),
});

export type StoredIssue = v.InferOutput<typeof storedIssue>;
export type StoredPull = v.InferOutput<typeof storedPull>;
export type StoredRelease = v.InferOutput<typeof storedRelease>;
export type StoredLabel = v.InferOutput<typeof storedLabel>;
export type StoredMilestone = v.InferOutput<typeof storedMilestone>;

/** @throws {HoldfastError} Damaged for a record that cannot be one of GitHub's */
export function stored<const Schema extends v.GenericSchema>(
  schema: Schema,
  { key, record }: StoredRecord,
): v.InferOutput<Schema> {
  return parse(schema, record, `the stored record ${key}`, 'Damaged');
}
