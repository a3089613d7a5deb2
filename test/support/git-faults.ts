/**
 * Faults that a test server injects into its answers. Each fault is one object in a list that the server
 * reads at every request, so a test can add and remove faults while the server runs.
 *
 * A fault either answers in the server's place (`failWith`, `redirect`, `errorPacket`) or changes the body
 * of the real answer (`cutBody`, `flipByte`, `sideBandError`, `slowBody`, `delayBody`). All body faults
 * that match a request apply to it, in the order of the list; of those that answer, the first wins.
 */
import { setTimeout as delay } from 'node:timers/promises';

/** What a request is for. `ls-refs` and `fetch` are the two POSTs to upload-pack (v0 knows only `fetch`). */
export type RequestKind = 'info-refs' | 'ls-refs' | 'fetch' | 'receive-pack' | 'api' | 'other';

/** The part of a request that a fault can look at. */
export interface FaultTarget {
  readonly kind: RequestKind;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Which requests a fault hits. */
export interface When {
  /** Kind of request; `upload-pack` means both `ls-refs` and `fetch`, `any` every request. */
  on?: RequestKind | 'upload-pack' | 'any';
  /** Only requests whose path matches. */
  path?: RegExp;
  /** Lets this many matching requests pass unharmed first. Default 0. */
  skip?: number;
  /** Hits this many requests at most. Default: all. */
  times?: number;
}

/** A whole answer, given in place of the real one. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/**
 * How an answer ends: `end` completes the HTTP message, `close` closes the connection in the middle of it
 * (FIN), `reset` resets the connection (RST), `stall` sends nothing more and leaves the connection open.
 */
export type Ending = 'end' | 'close' | 'reset' | 'stall';

export type Body = AsyncIterable<Buffer>;
/** Makes another body of a body; `endWith` says how the answer ends after it, if not as usual. */
export type BodyChange = (body: Body, endWith: (ending: Ending) => void) => Body;
type Effect = { answer: (target: FaultTarget) => Answer } | { change: BodyChange };

/** One fault with its own count of hits. */
export class Fault {
  readonly name: string;
  readonly effect: Effect;
  /** How many requests it has hit so far. */
  hits = 0;
  readonly #when: When;
  #seen = 0;

  constructor(name: string, when: When, effect: Effect) {
    this.name = name;
    this.effect = effect;
    this.#when = when;
  }

  /** Whether the fault hits this request; counts it if so. */
  claim(target: FaultTarget): boolean {
    const { on = 'any', path, skip = 0, times = Infinity } = this.#when;
    const kindMatches =
      on === 'any' || on === target.kind || (on === 'upload-pack' && ['ls-refs', 'fetch'].includes(target.kind));
    if (!kindMatches || path?.test(target.path) === false || this.hits >= times) return false;
    this.#seen += 1;
    if (this.#seen <= skip) return false;
    this.hits += 1;
    return true;
  }
}

/** The answer that a fault of the list gives to a request in place of the real one. */
export function faultyAnswer(
  faults: readonly Fault[],
  target: FaultTarget,
): { name: string; answer: Answer } | undefined {
  for (const fault of faults) {
    if ('answer' in fault.effect && fault.claim(target)) {
      return { name: fault.name, answer: fault.effect.answer(target) };
    }
  }
  return undefined;
}

/** The change that the list makes to the body of the real answer. */
export function faultyBody(faults: readonly Fault[], target: FaultTarget): { names: string[]; change: BodyChange } {
  const names: string[] = [];
  let change: BodyChange = (body) => body;
  for (const fault of faults) {
    if (!('change' in fault.effect) || !fault.claim(target)) continue;
    names.push(fault.name);
    const [before, next] = [change, fault.effect.change];
    change = (body, endWith) => next(before(body, endWith), endWith);
  }
  return { names, change };
}

/** Answers with a status, such as 500, 503 or 429; `retryAfter` (seconds) becomes the Retry-After header. */
export function failWith(
  { status, retryAfter, headers = {}, body = '' }: Answer & { retryAfter?: number },
  when: When = {},
): Fault {
  const all = retryAfter === undefined ? headers : { ...headers, 'retry-after': String(retryAfter) };
  return new Fault(`status ${status}`, when, { answer: () => ({ status, headers: all, body }) });
}

/** Redirects. A string is another origin at which path and query stay the same; a function names the whole URL. */
export function redirect(
  { status = 302, to }: { status?: 301 | 302 | 307 | 308; to: string | ((target: FaultTarget) => string) },
  when: When = {},
): Fault {
  const location = (target: FaultTarget) => {
    if (typeof to === 'function') return to(target);
    const query = target.query.toString();
    return new URL(target.path + (query && `?${query}`), to).href;
  };
  return new Fault(`redirect ${status}`, when, { answer: (t) => ({ status, headers: { location: location(t) } }) });
}

/** Answers 200 with the pkt-line `ERR <message>`, as servers do that refuse in the Git protocol. */
export function errorPacket({ message }: { message: string }, when: When = {}): Fault {
  const answer = (target: FaultTarget): Answer => {
    const discovery = target.kind === 'info-refs';
    const service = (discovery ? target.query.get('service') : target.path.split('/').at(-1)) ?? '';
    const banner = discovery ? `${packet(`# service=${service}\n`).toString()}0000` : '';
    return {
      status: 200,
      headers: { 'content-type': `application/x-${service}-${discovery ? 'advertisement' : 'result'}` },
      body: banner + packet(`ERR ${message}\n`).toString(),
    };
  };
  return new Fault('error packet', when, { answer });
}

/** Sends the first `after` bytes of the body and ends it there. A shorter body is not touched. */
export function cutBody({ after, ending }: { after: number; ending: Ending }, when: When = { on: 'fetch' }): Fault {
  async function* change(body: Body, endWith: (ending: Ending) => void): Body {
    let left = after;
    for await (const chunk of body) {
      if (chunk.length > left) {
        yield chunk.subarray(0, left);
        endWith(ending);
        return;
      }
      left -= chunk.length;
      yield chunk;
    }
  }
  return new Fault(`${ending} after ${after} bytes`, when, { change });
}

/**
 * Flips bits of one byte. `at` counts from the start of the body, or, `within: 'pack'`, from the start of the
 * pack that the body carries.
 */
export function flipByte(
  { at, within = 'body', mask = 0xff }: { at: number; within?: 'body' | 'pack'; mask?: number },
  when: When = { on: 'fetch' },
): Fault {
  async function* change(body: Body): Body {
    let position = 0;
    for await (const piece of within === 'body' ? body : packets(body)) {
      const start = within === 'body' ? 0 : packDataStart(piece);
      const index = start + at - position;
      if (index >= start && index < piece.length) {
        const flipped = Buffer.from(piece);
        flipped.writeUInt8(flipped.readUInt8(index) ^ mask, index);
        yield flipped;
      } else {
        yield piece;
      }
      position += piece.length - start;
    }
  }
  return new Fault(`flip byte ${at} of the ${within}`, when, { change });
}

/** Breaks off with an error on side-band 3 in place of the first side-band packet that passes `after` bytes. */
export function sideBandError(
  { after, message }: { after: number; message: string },
  when: When = { on: 'fetch' },
): Fault {
  async function* change(body: Body): Body {
    let sent = 0;
    for await (const piece of packets(body)) {
      sent += piece.length;
      if (sent > after && isSideBand(piece)) {
        yield packet(`\u0003${message}`);
        return;
      }
      yield piece;
    }
  }
  return new Fault('side-band error', when, { change });
}

/** Sends the body at no more than this rate. */
export function slowBody({ bytesPerSecond }: { bytesPerSecond: number }, when: When = { on: 'fetch' }): Fault {
  const step = Math.max(1, Math.floor(bytesPerSecond / 50));
  async function* change(body: Body): Body {
    for await (const chunk of body) {
      for (let start = 0; start < chunk.length; start += step) {
        const piece = chunk.subarray(start, start + step);
        yield piece;
        await delay((piece.length / bytesPerSecond) * 1000);
      }
    }
  }
  return new Fault(`${bytesPerSecond} bytes/s`, when, { change });
}

/** Waits before the first byte of the answer. */
export function delayBody({ milliseconds }: { milliseconds: number }, when: When = {}): Fault {
  async function* change(body: Body): Body {
    await delay(milliseconds);
    yield* body;
  }
  return new Fault(`${milliseconds} ms late`, when, { change });
}

/** One pkt-line. */
export function packet(payload: string): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

/** Cuts a body into whole pkt-lines; what is not framed so, as a pack without side-band, passes as it comes. */
async function* packets(body: Body): Body {
  let rest: Buffer = Buffer.alloc(0);
  let framed = true;
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    while (framed && rest.length >= 4) {
      const size = packetSize(rest);
      if (size === undefined) framed = false;
      if (size === undefined || rest.length < size) break;
      yield rest.subarray(0, size);
      rest = rest.subarray(size);
    }
    if (!framed) {
      yield rest;
      rest = Buffer.alloc(0);
    }
  }
  if (rest.length > 0) yield rest;
}

/** Bytes that the pkt-line at the start of `bytes` takes, its length included; undefined if it is none. */
function packetSize(bytes: Buffer): number | undefined {
  const length = bytes.toString('latin1', 0, 4);
  return /^[0-9a-f]{4}$/.test(length) ? Math.max(4, parseInt(length, 16)) : undefined;
}

function isSideBand(piece: Buffer): boolean {
  const band = piece[4];
  return packetSize(piece) !== undefined && band !== undefined && band >= 1 && band <= 3;
}

/** Where the bytes of the pack begin in a piece from `packets`; its length if it holds none. */
function packDataStart(piece: Buffer): number {
  if (packetSize(piece) === undefined) return 0;
  return piece[4] === 1 ? 5 : piece.length;
}
