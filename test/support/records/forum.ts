/** A small source of records: posts that are read by what has changed, and tags that are read whole. */
import type { Dataset, RecordSink, SourceFile } from '#core/sources/records.ts';

export interface Post {
  at: string;
  text: string;
  /** Changes by itself. */
  views?: number;
}

export class Forum implements Dataset {
  readonly posts = new Map<string, Post>();
  readonly tags = new Map<string, unknown>();
  readonly files = new Map<string, Buffer>();
  /** Which files were read. */
  readonly reads: string[] = [];
  /** Which posts were given. */
  given: string[] = [];
  /** Thrown once so many posts were given. */
  failure: { after: number; error: Error } | undefined;
  omitted: string | undefined;
  /** How long its files are said to be, where that is wrong. */
  wrongLength: number | undefined;

  post(number: number, text: string, at: string): void {
    this.posts.set(`posts/${number}`, { text, at });
  }

  async read(sink: RecordSink): Promise<void> {
    if (sink.reconcile) {
      for (const key of this.posts.keys()) await sink.exists('post', key);
      sink.whole('post');
    }
    const since = sink.since('post') ?? '';
    const due = [...this.posts].filter(([, { at }]) => at >= since).sort(([, a], [, b]) => (a.at < b.at ? -1 : 1));
    for (const [key, record] of due) {
      if (this.failure && this.given.length >= this.failure.after) throw this.failure.error;
      this.given.push(key);
      await sink.put({ type: 'post', key, api: '1', record, at: record.at });
      sink.watermark('post', record.at);
    }
    sink.done('post');
    if (this.omitted !== undefined) {
      sink.omit('tag', this.omitted);
      return;
    }
    for (const [key, record] of this.tags) await sink.put({ type: 'tag', key, api: '1', record });
    sink.whole('tag');
    sink.done('tag');
    for (const [id, content] of this.files) await sink.file(this.#file(id, content));
  }

  comparable(type: string, record: unknown): unknown {
    if (type !== 'post' || typeof record !== 'object') return record;
    return { ...record, views: undefined };
  }

  #file(id: string, content: Buffer): SourceFile {
    return {
      id,
      name: `file ${id}`,
      bytes: this.wrongLength ?? content.length,
      sha256: undefined,
      read: () => this.#content(id, content),
    };
  }

  async *#content(id: string, content: Buffer): AsyncGenerator<Buffer> {
    this.reads.push(id);
    yield await Promise.resolve(content);
  }
}
