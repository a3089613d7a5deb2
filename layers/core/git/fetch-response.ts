import { HoldfastError } from '#core/runtime/errors.ts';
import { parseLength, textOf, throwOnErrorLine } from './pkt-line.ts';

/**
 * The lines that come before the pack. In protocol 2 the last is `packfile`. In protocol 0 they are acknowledgements:
 * without multi_ack an ACK of one common commit or a NAK, but git adds an ACK for each further commit that is held and
 * whose child it has acknowledged.
 */
export class HeadOfAnswer {
  ended = false;
  #rest = Buffer.alloc(0);
  #acknowledged = false;
  readonly #end: 'packfile' | 'acknowledgements';

  constructor(end: 'packfile' | 'acknowledgements') {
    this.#end = end;
  }

  /** Takes lines off the front; gives what follows the last of them, or nothing yet. */
  take(chunk: Buffer): Buffer {
    let bytes = Buffer.concat([this.#rest, chunk]);
    // The byte behind the length is looked at too: a line begins with a letter, side-band with the number of a band,
    // and a bare pack has a zero there.
    while (bytes.length > 4) {
      if (this.#acknowledged && (bytes[4] ?? 0) <= 3) {
        this.ended = true;
        return bytes;
      }
      const length = Math.max(4, parseLength(bytes.subarray(0, 4)));
      if (bytes.length < length) break;
      const text = textOf(bytes.subarray(4, length));
      bytes = bytes.subarray(length);
      throwOnErrorLine(text);
      if (/^(un)?shallow( |-info)/.test(text))
        throw new HoldfastError('SourceUnsupported', 'the Git server holds a shallow copy: its history is cut off');
      if (text === 'NAK' || text.startsWith('ACK ')) this.#acknowledged = this.#end === 'acknowledgements';
      else if (text === 'packfile' && this.#end === 'packfile') {
        this.ended = true;
        return bytes;
      }
    }
    this.#rest = Buffer.from(bytes);
    return Buffer.alloc(0);
  }
}
