import { createHash } from 'node:crypto';
import type { Dataset, RecordSink } from '../../records.ts';
import { restVersion } from './api-versions.ts';
import type { RecordsApi } from './records-api.ts';
import { Refusal, unlessRefused } from './refusal.ts';
import { identified, named, shaped } from './shapes.ts';
import { withoutNoise } from './without-noise.ts';

/** A list of REST, or one document. */
interface Listed {
  type: string;
  /** Under which name the answer has the list; undefined where the answer is the list. */
  within?: string;
  /** The last part of a record's key; by default GitHub's number. */
  id?: (entry: unknown) => string;
}

/** A part of a dataset that is read by itself. */
export interface Part extends Listed {
  /** Below the place's path. */
  path: string;
  /** What GitHub says to a token that may not read it, where it does not name the permission itself. */
  permission: string;
  /** One document and not a list. */
  single?: boolean;
  /** Where each entry is described in full, below the place's path. */
  each?: (entry: unknown) => string;
  /** Whether a 404 says that there is none, and not that it may not be seen. */
  mayBeMissing?: boolean;
  /** Lists that each entry has, kept below it. */
  below?: readonly Below[];
}

interface Below extends Listed {
  /** Below the place's path. */
  path: (entry: unknown) => string;
  /** Between the entry's key and the last part. */
  key: string;
}

export interface PartsOptions {
  api: RecordsApi;
  /** For messages: `acme/api`. */
  name: string;
  /** Below the API's base. */
  path: string;
  parts: readonly Part[];
  /** Under which name the fingerprint is remembered. */
  note: string;
  /** What tells in one request whether anything has changed; undefined where nothing does. */
  fingerprint: () => Promise<unknown>;
  /** Properties that move without anybody changing anything. */
  volatile: readonly string[];
}

export const byId = (entry: unknown): string => shaped(identified, entry, 'an entry').id;
export const byName = (entry: unknown): string => encodeURIComponent(shaped(named, entry, 'an entry').name);

/** What moves in the description of a repository without anybody changing a setting. */
export const volatileOfRepositories = [
  'updated_at',
  'pushed_at',
  'size',
  'stargazers_count',
  'watchers_count',
  'watchers',
  'forks_count',
  'forks',
  'open_issues_count',
  'open_issues',
];

/** What consists of parts, each read by itself, so that one that may not be read costs no other. */
export class PartsDataset implements Dataset {
  readonly #options: PartsOptions;

  constructor(options: PartsOptions) {
    this.#options = options;
  }

  /**
   * All parts take dozens of requests, so they are read where one of GraphQL says that something has changed, and when
   * everything is looked at: what GraphQL does not know, as webhooks, is seen by then.
   */
  async read(sink: RecordSink): Promise<void> {
    const { parts, note } = this.#options;
    const seen = await this.#fingerprint();
    const isSame = seen !== undefined && sink.noted(note) === seen && !sink.reconcile;
    for (const part of parts) {
      const types = [part, ...(part.below ?? [])].map(({ type }) => type);
      const isSettled = types.every((type) => (sink.known(type)?.complete ?? false) || sink.noted(type) !== undefined);
      if (!isSame || !isSettled) {
        await this.#read(sink, part);
        continue;
      }
      for (const type of types) {
        const why = sink.known(type)?.complete ? undefined : sink.noted(type);
        if (why === undefined) sink.done(type);
        else sink.omit(type, why);
      }
    }
    if (seen !== undefined) sink.note(note, seen);
  }

  comparable(_type: string, record: unknown): unknown {
    return withoutNoise(record, this.#options.volatile);
  }

  async #read(sink: RecordSink, part: Part): Promise<void> {
    const refused = refusals(sink, part);
    await unlessRefused(
      async () => {
        if (part.single) await this.#single(sink, part);
        else await this.#list(sink, part);
        sink.whole(part.type);
        sink.done(part.type);
      },
      (why) => {
        for (const { type } of [part, ...(part.below ?? [])]) refused(type, why);
      },
    );
  }

  async #single(sink: RecordSink, { type, path, mayBeMissing }: Part): Promise<void> {
    const { api, path: base, name } = this.#options;
    const record = await unlessMissing(api.get(`${base}${path}`, `the ${type} of ${name}`), mayBeMissing);
    if (record !== undefined) await sink.put({ type, key: type, api: restVersion, record: withoutSecrets(record) });
  }

  async #list(sink: RecordSink, part: Part): Promise<void> {
    const { type, path, each, id = byId, below = [], mayBeMissing } = part;
    const { api, path: base, name } = this.#options;
    const refused = refusals(sink, part);
    const cut = new Set<string>();
    for await (const entry of this.#entries(part, path)) {
      const record = each
        ? // Of a branch: protected by a ruleset alone, or unprotected meanwhile.
          await unlessMissing(api.get(`${base}${each(entry)}`, `a ${type} of ${name}`), mayBeMissing)
        : entry;
      if (record === undefined) continue;
      const key = `${type}/${id(entry)}`;
      await sink.put({ type, key, api: restVersion, record: withoutSecrets(record) });
      for (const one of below)
        await unlessRefused(
          async () => {
            for await (const inner of this.#entries(one, one.path(entry)))
              await sink.put({
                type: one.type,
                key: `${key}/${one.key}/${(one.id ?? byId)(inner)}`,
                api: restVersion,
                record: withoutSecrets(inner),
              });
          },
          (why) => {
            cut.add(one.type);
            refused(one.type, why);
          },
        );
    }
    for (const one of below) {
      if (cut.has(one.type)) continue;
      sink.whole(one.type);
      sink.done(one.type);
    }
  }

  async *#entries({ type, within }: Listed, path: string): AsyncGenerator {
    const { api, path: base, name } = this.#options;
    const what = `the list of ${type} of ${name}`;
    const joint = path.includes('?') ? '&' : '?';
    // Lists of Actions have 30 entries a page at most where they hold variables.
    let url: URL | undefined = api.url(`${base}${path}${joint}per_page=${within ? 30 : 100}`);
    while (url) {
      const page: { entries: unknown[]; next: URL | undefined } = await api.page(url, what, within);
      yield* page.entries;
      url = page.next;
    }
  }

  async #fingerprint(): Promise<string | undefined> {
    try {
      const seen = await this.#options.fingerprint();
      if (seen === undefined) return undefined;
      return createHash('sha256').update(JSON.stringify(seen)).digest('hex').slice(0, 32);
    } catch (error) {
      if (error instanceof Refusal || (error instanceof Error && error.name === 'AccessDenied')) return undefined;
      throw error;
    }
  }
}

/** Says why a type was not read, and remembers it for runs in which nothing has changed. */
function refusals(sink: RecordSink, { permission }: Part): (type: string, why: string) => void {
  return (type, why) => {
    const said = why.startsWith('the token lacks') ? why : `${why} (it takes ${permission})`;
    sink.omit(type, said);
    sink.note(type, said);
  };
}

async function unlessMissing(document: Promise<unknown>, mayBeMissing = false): Promise<unknown> {
  try {
    return await document;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'SourceMissing' || !mayBeMissing) throw error;
    return undefined;
  }
}

/**
 * GitHub gives a token for cloning along with a repository to those who may write, and marks the secret of a webhook by
 * stars where there is one. Neither is a setting.
 */
function withoutSecrets(record: unknown): unknown {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return record;
  const { temp_clone_token: _, ...rest }: Record<string, unknown> = { ...record };
  return rest;
}
