import type { RecordSink } from '../../records.ts';

/** How far a list is read that comes newest first: until what was read before, in a weekly look to its end. */
export class NewestFirst {
  readonly #sink: RecordSink;
  readonly #type: string;
  readonly #since: string;
  #newest = '';

  constructor(sink: RecordSink, type: string, { wholly = sink.reconcile } = {}) {
    this.#sink = sink;
    this.#type = type;
    this.#since = wholly ? '' : (sink.since(type) ?? '');
  }

  /** Whether what was changed then was read before; then so was all that comes after it. */
  wasRead(at: string): boolean {
    if (at < this.#since) return true;
    if (at > this.#newest) this.#newest = at;
    return false;
  }

  /** Notes how far the next run has to read, once all has been. */
  end(): void {
    if (this.#newest !== '') this.#sink.watermark(this.#type, this.#newest);
  }
}
