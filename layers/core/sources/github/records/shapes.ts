import * as v from 'valibot';
import { parse } from '#core/runtime/schema.ts';

/**
 * What we read of GitHub's documents: what names them, when they were changed, and to what they belong. All else is
 * stored as it came, whatever it is.
 */

const id = v.pipe(v.union([v.number(), v.string()]), v.transform(String), v.regex(/^[\w-]+$/, 'must be an id'));
const number = v.pipe(v.number(), v.safeInteger('must be a whole number'), v.minValue(1, 'must be positive'));
const time = v.pipe(v.string(), v.isoTimestamp('must be a time'));

/** The number at the end of an address that names an issue or a pull request. */
const numberInUrl = v.pipe(
  v.string(),
  v.regex(/\/[1-9]\d*$/, 'must end in a number'),
  v.transform((url) => Number(url.slice(url.lastIndexOf('/') + 1))),
);

export const identified = v.object({ id });
export const numbered = v.object({ number });
export const changedNumber = v.object({ number, updated_at: time });
export const issueComment = v.object({ id, updated_at: time, issue_url: numberInUrl });
export const reviewComment = v.object({ id, updated_at: time, pull_request_url: numberInUrl });
export const named = v.object({ name: v.string() });

export const release = v.object({
  id,
  tag_name: v.optional(v.string(), ''),
  assets: v.optional(
    v.array(
      v.object({
        id,
        name: v.string(),
        size: v.number(),
        state: v.optional(v.string(), 'uploaded'),
        digest: v.nullish(v.string()),
      }),
    ),
    [],
  ),
});

const pageInfo = v.object({ hasNextPage: v.boolean(), endCursor: v.nullish(v.string()) });

/** A list of GraphQL, as far as it was asked for. */
export const connection = v.object({
  pageInfo: v.optional(pageInfo),
  totalCount: v.optional(v.number()),
  nodes: v.nullish(v.array(v.unknown()), []),
});

export const timed = v.object({ updatedAt: time });

/** An answer that is not as GitHub describes it stops its dataset rather than be stored under a wrong name. */
export function shaped<const Schema extends v.GenericSchema>(
  schema: Schema,
  record: unknown,
  what: string,
): v.InferOutput<Schema> {
  return parse(schema, record, `${what} as GitHub gives it`, 'ProtocolViolation');
}

/** What stands under a name in a JSON object; undefined where there is none. */
export function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
