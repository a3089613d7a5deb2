import type { RecordSink } from '../../records.ts';
import { property } from './shapes.ts';

/**
 * Where GitHub puts what people drop into a text, in each form that it had.
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/attaching-files
 */
const attached =
  /https:\/\/(?:[^\s/"')]+\/(?:user-attachments|[\w.-]+\/[\w.-]+)\/(?:assets|files)\/[\w-]+|(?:private-)?user-images\.githubusercontent\.com\/)/;

const noted = 'attachments';

/** Says of a dataset that its texts refer to files which are not kept. */
export class Attachments {
  readonly #sink: RecordSink;
  #isFound: boolean;

  constructor(sink: RecordSink) {
    this.#sink = sink;
    this.#isFound = sink.noted(noted) !== undefined;
  }

  /** @param record with a text in its `body` */
  look(record: unknown): void {
    const body = property(record, 'body');
    if (this.#isFound || typeof body !== 'string' || !attached.test(body)) return;
    this.#isFound = true;
    // What has not changed is not looked at again.
    this.#sink.note(noted, 'referred to');
  }

  tell(): void {
    if (this.#isFound) this.#sink.omit('attachment', 'texts refer to images or files, which are not kept yet');
  }
}
