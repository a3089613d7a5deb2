import { HoldfastError } from '#core/runtime/errors.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import { parseLength } from './pkt-line.ts';

/**
 * Takes the pack out of a side-band stream (gitprotocol-pack, "Packfile Data"): band 1 carries the pack, band 2
 * progress and remarks, band 3 the server's last words. Synchronous and without copies: slices of each chunk are handed on, so
 * that memory stays flat and a large pack costs no promise per line.
 */
export class SideBand {
  #length = Buffer.alloc(4);
  #lengthHave = 0;
  /** The band of the current line; undefined until it has been read. */
  #band: number | undefined;
  /** Bytes of the current line still to come; -1 while its length is being read. */
  #left = -1;
  #message: Buffer[] = [];
  /** The end of what came on band 2. */
  #remarks = Buffer.alloc(0);
  #ended = false;

  /** The slices of band 1 in this chunk, in order. They are only valid until the next chunk is asked for. */
  *pack(chunk: Buffer): Generator<Buffer> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#ended) throw violation('the Git server sent bytes after the end of the pack');
      if (this.#left < 0) {
        at = this.#readLength(chunk, at);
        continue;
      }
      if (this.#band === undefined) {
        this.#band = bandOf(chunk[at]);
        this.#left -= 1;
        at += 1;
      } else {
        const end = Math.min(chunk.length, at + this.#left);
        const slice = chunk.subarray(at, end);
        this.#left -= slice.length;
        at = end;
        if (this.#band === 1) yield slice;
        else if (this.#band === 3) this.#message.push(Buffer.from(slice));
        else this.#remarks = Buffer.concat([this.#remarks, slice]).subarray(-longestRemarks);
      }
      if (this.#left === 0) this.#endLine();
    }
  }

  /** The last lines that the server said beside, as git shows them behind `remote:`; without progress. */
  get remarks(): string[] {
    const lines = this.#remarks.toString().split(/[\r\n]+/);
    return lines.map(serverMessage).filter((line) => line !== '' && !/^[\w ]+: +\d+% \(|, done\.$/.test(line));
  }

  /** To be called when the stream is over: only a flush ends a pack. */
  finish(): void {
    if (!this.#ended)
      throw new HoldfastError('Truncated', 'the Git server ended its answer before the end of the pack', {
        transient: true,
      });
  }

  #readLength(chunk: Buffer, from: number): number {
    const take = Math.min(4 - this.#lengthHave, chunk.length - from);
    chunk.copy(this.#length, this.#lengthHave, from, from + take);
    this.#lengthHave += take;
    if (this.#lengthHave < 4) return from + take;
    this.#lengthHave = 0;
    const length = parseLength(this.#length);
    if (length === 0) this.#ended = true;
    else if (length > 4) {
      this.#left = length - 4;
      this.#band = undefined;
    } else if (length !== 4) throw violation('a marker inside the side-band stream');
    return from + take;
  }

  #endLine(): void {
    this.#left = -1;
    if (this.#band === 3)
      throw new HoldfastError(
        'RemoteRefused',
        `the Git server gave up: ${serverMessage(Buffer.concat(this.#message).toString())}`,
        { transient: true },
      );
  }
}

/** In bytes: a reason is a few lines, and what comes before it may be any number. */
const longestRemarks = 4 << 10;

function bandOf(byte: number | undefined): number {
  if (byte === 1 || byte === 2 || byte === 3) return byte;
  throw violation(`the Git server sent side-band ${byte ?? 'without number'}, which does not exist`);
}

/** Transient: bytes that were damaged on the way look like this too. */
function violation(what: string): HoldfastError {
  return new HoldfastError('ProtocolViolation', what, { transient: true });
}
