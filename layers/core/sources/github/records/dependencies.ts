import * as v from 'valibot';
import type { RecordSink } from '../../records.ts';
import { restVersion } from './api-versions.ts';
import type { RecordsApi } from './records-api.ts';
import { unlessRefused } from './refusal.ts';
import type { RepositoryPlace } from './repository-place.ts';
import { identified, numbered, property, shaped } from './shapes.ts';

const count = v.optional(v.number(), 0);

/** GitHub counts them in the issue itself. */
const summarised = v.fallback(
  v.object({
    issue_dependencies_summary: v.optional(v.object({ total_blocked_by: count, total_blocking: count })),
  }),
  {},
);

const otherIssue = v.object({
  ...numbered.entries,
  url: v.optional(v.string()),
  repository_url: v.optional(v.string()),
});

/** https://docs.github.com/en/rest/issues/issue-dependencies */
const lists = [
  { type: 'blocked-by', path: 'blocked_by', total: 'total_blocked_by' },
  { type: 'blocking', path: 'blocking', total: 'total_blocking' },
] as const;

/** Which issues block another, and which it blocks; asked for where the issue says that there are any. */
export class Dependencies {
  readonly #api: RecordsApi;
  readonly #sink: RecordSink;
  readonly #place: RepositoryPlace;
  readonly #refused = new Map<string, string>();

  constructor(api: RecordsApi, sink: RecordSink, place: RepositoryPlace) {
    this.#api = api;
    this.#sink = sink;
    this.#place = place;
  }

  /** @param issue that may have changed @param key of it */
  async read(issue: unknown, key: string): Promise<void> {
    const { issue_dependencies_summary: summary } = v.parse(summarised, issue);
    for (const { type, path, total } of lists) {
      if (this.#refused.has(type)) continue;
      const some = (summary?.[total] ?? 0) > 0;
      // Where there never were any, none can be gone.
      if (!some && (this.#sink.reconcile || (this.#sink.known(type)?.stored ?? 0) === 0)) continue;
      if (some)
        await unlessRefused(
          () => this.#list(type, `${key}/dependencies/${path}`, key),
          (why) => this.#refused.set(type, why),
        );
      if (!this.#refused.has(type) && !this.#sink.reconcile) this.#sink.whole(type, key);
    }
  }

  end(): void {
    for (const { type } of lists) {
      const why = this.#refused.get(type);
      if (why !== undefined) {
        this.#sink.omit(type, why);
        continue;
      }
      if (this.#sink.reconcile) this.#sink.whole(type);
      this.#sink.done(type);
    }
  }

  /** Of the other issue only which it is: what it says is kept where it belongs. */
  async #list(type: string, path: string, key: string): Promise<void> {
    const { path: base, name } = this.#place;
    for await (const entry of this.#api.list(`${base}/${path}`, `the dependencies of ${name} ${key}`)) {
      const { id } = shaped(identified, entry, 'an issue');
      const { number, url, repository_url } = shaped(otherIssue, entry, 'an issue');
      const record = { id: property(entry, 'id'), number, url, repository_url };
      await this.#sink.put({ type, key: `${key}/${type}/${id}`, api: restVersion, record });
    }
  }
}
