import * as v from 'valibot';
import type { ApiAnswer } from './api-get.ts';
import type { HostedPage } from './hosted-source.ts';
import { text } from './rate-limit.ts';
import type { HostedRepository } from './repository.ts';

/** A part of a repository's path as hosts allow it: never empty, `.` or `..`, without slashes and control characters. */
export const pathPart = v.pipe(v.string(), v.regex(/^(?!\.{1,2}$)[^/\p{Cc}]+$/u, 'must be a name'));

export const entryId = v.pipe(v.number(), v.safeInteger('must be a whole number'), v.minValue(1, 'must be positive'));

const labelSchema = v.object({ id: v.optional(v.number()) });

/**
 * Parses the entries of a page one by one, so that one that is not as the API describes it costs no other.
 * @param totalHeader the header in which the host counts all entries
 */
export function pageOf(
  entries: readonly unknown[],
  schema: v.GenericSchema<unknown, HostedRepository>,
  headers: ApiAnswer['headers'],
  totalHeader: string,
): HostedPage {
  const repositories: HostedRepository[] = [];
  const invalid: string[] = [];
  for (const entry of entries) {
    const result = v.safeParse(schema, entry);
    if (result.success) repositories.push(result.output);
    else {
      const id = v.safeParse(labelSchema, entry);
      const where = v.getDotPath(result.issues[0]) ?? 'the whole';
      invalid.push(`${id.success && id.output.id !== undefined ? `id ${id.output.id}` : 'without an id'} (${where})`);
    }
  }
  const counted = Number(text(headers[totalHeader]) ?? 'none');
  return { repositories, invalid, total: Number.isSafeInteger(counted) ? counted : undefined };
}

/** Names an entry of a listing by its id, for finding that pages repeat. */
export function identify(entry: unknown): string {
  const parsed = v.safeParse(labelSchema, entry);
  return parsed.success ? String(parsed.output.id) : JSON.stringify(entry);
}
