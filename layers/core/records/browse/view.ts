import * as v from 'valibot';
import type { RecordLine } from '../record-line.ts';

/** What people look for in a record, whichever API it came from. */
export interface RecordView {
  key: string;
  type: string;
  /** A title, a name; undefined where it has none. */
  title: string | undefined;
  /** Of a release. */
  tag: string | undefined;
  author: string | undefined;
  /** When it was made, as its source writes it. */
  at: string | undefined;
  state: string | undefined;
  body: string | undefined;
  /** The snapshot for which it was found to be gone. */
  deleted: string | undefined;
}

const text = v.fallback(v.optional(v.string()), undefined);
const login = v.fallback(v.nullish(v.object({ login: text })), undefined);

/** REST writes names with underscores, GraphQL in camel case. */
const viewSchema = v.object({
  title: text,
  name: text,
  tag_name: text,
  pattern: text,
  user: login,
  author: login,
  creator: login,
  actor: login,
  created_at: text,
  createdAt: text,
  submittedAt: text,
  state: text,
  body: text,
  description: text,
});

const nothing: v.InferOutput<typeof viewSchema> = {};

export function viewOf({ key, type, deleted, record }: RecordLine): RecordView {
  const parsed = v.safeParse(viewSchema, record);
  const seen = parsed.success ? parsed.output : nothing;
  return {
    key,
    type,
    title: seen.title ?? (seen.name === '' ? undefined : seen.name) ?? seen.tag_name ?? seen.pattern,
    tag: seen.tag_name,
    author: (seen.user ?? seen.author ?? seen.creator ?? seen.actor)?.login,
    at: seen.created_at ?? seen.submittedAt ?? seen.createdAt,
    state: seen.state,
    body: seen.body ?? seen.description,
    deleted,
  };
}
