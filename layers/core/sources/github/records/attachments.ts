import * as v from 'valibot';
import { parseJson } from '#core/runtime/schema.ts';
import type { RecordSink } from '../../records.ts';
import { addressesOfAttachments } from './attachment-addresses.ts';
import type { AttachmentReader } from './attachment-reader.ts';
import { property } from './shapes.ts';

/** GitHub takes images of 10 MB, files of 25 MB and videos of 100 MB. */
const largest = 128 << 20;

/** What is stored of the attachments of one dataset in one run, in bytes; the rest waits until all is read again. */
const mostInOneRun = 4 * 2 ** 30;

/** After so many failures no more are asked for in this run: the credential hardly sees any. */
const mostFailures = 50;

/** So many that are missing are remembered by name. */
const mostNamed = 100;

const note = 'attachments';

/** What the note said before attachments were kept. */
const onlyReferredTo = 'referred to';

const notedSchema = v.array(v.string());

/**
 * The images and files to which the texts of a dataset refer, kept as files of it: each is fetched once, when a text that
 * names it is read. One that is not given is named, and costs nothing else.
 */
export class Attachments {
  readonly #sink: RecordSink;
  readonly #reader: AttachmentReader | undefined;
  readonly #missing: Set<string>;
  /** Whether texts that are stored name some that were never asked for. */
  readonly #areOlder: boolean;
  #bytes = 0;
  #failures = 0;
  #found = false;

  /** @param reader undefined where they are left out */
  constructor(sink: RecordSink, reader: AttachmentReader | undefined) {
    this.#sink = sink;
    this.#reader = reader;
    const before = sink.noted(note);
    this.#areOlder = before === onlyReferredTo && !sink.reconcile;
    // When all texts are read, each is asked for again.
    const isKnown = before !== undefined && before !== onlyReferredTo && !sink.reconcile;
    this.#missing = new Set(isKnown ? parseJson(notedSchema, before, 'what is noted of attachments', 'Damaged') : []);
  }

  /** @param record with a text in its `body` */
  async keep(record: unknown): Promise<void> {
    const body = property(record, 'body');
    const reader = this.#reader;
    if (!reader || typeof body !== 'string') return;
    for (const address of addressesOfAttachments(reader.addresses, body)) await this.#keep(reader, address);
  }

  /** Says what is missing, also where the texts that name it have not changed. */
  tell(): void {
    if (!this.#reader) return;
    const [first] = this.#missing;
    if (this.#areOlder)
      this.#sink.omit(
        'attachment',
        'texts that were stored before refer to images or files, which are kept once all is read again, within a week',
      );
    else if (first !== undefined)
      this.#sink.omit(
        'attachment',
        `GitHub did not give ${this.#missing.size === mostNamed ? `${mostNamed} or more` : this.#missing.size} of those that texts refer to, such as ${first}`,
      );
    else if (this.#found || this.#sink.known('attachment')) this.#sink.done('attachment');
    if (!this.#areOlder && (this.#found || this.#sink.noted(note) !== undefined))
      this.#sink.note(note, JSON.stringify([...this.#missing]));
  }

  async #keep(reader: AttachmentReader, address: URL): Promise<void> {
    this.#found = true;
    const name = address.host + address.pathname;
    const atMost = Math.min(largest, mostInOneRun - this.#bytes);
    if (atMost <= 0 || this.#failures >= mostFailures) {
      this.#miss(name);
      return;
    }
    let bytes = 0;
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of reader.read(address, atMost)) {
        bytes += chunk.length;
        yield chunk;
      }
    };
    const isStored = await this.#sink.file({
      id: `${note}/${name}`,
      name: address.pathname.slice(address.pathname.lastIndexOf('/') + 1),
      bytes: undefined,
      sha256: undefined,
      read: counted,
    });
    this.#bytes += bytes;
    if (isStored) this.#missing.delete(name);
    else {
      this.#failures++;
      this.#miss(name);
    }
  }

  #miss(name: string): void {
    if (this.#missing.size < mostNamed) this.#missing.add(name);
  }
}
