import { HoldfastError } from '#core/runtime/errors.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import { isOid, type ObjectFormat } from './object-format.ts';
import { readPackets, throwOnErrorLine } from './pkt-line.ts';
import { isRefName, nameOfBytes, textOfBytes, type Head } from './refs.ts';

/** A list of refs as both protocols have it. */
export interface RefList {
  refs: Map<string, string>;
  /** Annotated tags: ref name → the object that the tag finally points to. */
  peeled: Map<string, string>;
  head: Head;
  /** The beginnings of names that no repository may hold; such refs are left out. */
  invalidNames: string[];
}

/**
 * Beyond any real repository: a million refs take about 80 MB. A server that sends more fills the memory of the process, in
 * which other repositories are backed up, too.
 */
const mostBytes = 256 << 20;
const mostRefs = 2_000_000;

/** Of a name that cannot be used, so much is kept as makes it known again, in characters. */
const longestInvalidName = 200;

/** Sorts out the lines of a list. */
export class RefCollector {
  readonly refs = new Map<string, string>();
  headOid: string | undefined;
  readonly #peeled = new Map<string, string>();
  readonly #invalidNames: string[] = [];

  /** @param name `HEAD`, the name of a ref, or that of a tag with `^{}` at its end, from the server */
  add(name: string, oid: string): void {
    // What a server without refs sends so that it can still name its capabilities.
    if (name === 'capabilities^{}') return;
    if (name === 'HEAD') this.headOid = oid;
    else if (name.endsWith('^{}')) this.#peeled.set(name.slice(0, -'^{}'.length), oid);
    else if (isRefName(name)) this.refs.set(name, oid);
    else this.#invalidNames.push(name.slice(0, longestInvalidName));
    if (this.refs.size + this.#peeled.size + this.#invalidNames.length > mostRefs)
      throw tooLarge(`has more than ${mostRefs} lines`);
  }

  get collected(): Omit<RefList, 'head'> {
    return { refs: this.refs, peeled: this.#peeled, invalidNames: this.#invalidNames };
  }
}

/**
 * Reads the answer to `ls-refs` with `peel`, `symrefs` and `unborn` (gitprotocol-v2).
 * @throws {HoldfastError} ProtocolViolation, RemoteRefused, TooLarge, Truncated
 */
export async function readRefList(chunks: AsyncIterable<Uint8Array>, format: ObjectFormat): Promise<RefList> {
  const list = new RefCollector();
  let headRef: string | undefined;
  let ended = false;
  for await (const packet of readPackets(limitedList(chunks))) {
    if (ended) throw violation('sent more after the end of its list of refs');
    ended = packet.type === 'flush';
    if (packet.type !== 'data') continue;
    const bytes = packet.payload.at(-1) === 0x0a ? packet.payload.subarray(0, -1) : packet.payload;
    throwOnErrorLine(textOfBytes(bytes.subarray(0, 4096)));
    const [oid = '', name = '', ...attributes] = wordsOf(bytes);
    if (name === 'HEAD') headRef = valueOf(attributes, 'symref-target');
    if (oid === 'unborn') continue;
    if (!isOid(oid, format) || name === '') throw notOfARef(bytes);
    list.add(name, oid);
    const peeled = valueOf(attributes, 'peeled');
    if (peeled !== undefined && isOid(peeled, format)) list.add(`${name}^{}`, peeled);
  }
  if (!ended) throw new HoldfastError('Truncated', 'the list of refs is cut off', { transient: true });
  return { ...list.collected, head: headOf(list, headRef) };
}

function wordsOf(bytes: Buffer): string[] {
  const words = bytes.toString('latin1').split(' ');
  return words.map((word) => nameOfBytes(Buffer.from(word, 'latin1')));
}

function valueOf(attributes: readonly string[], name: string): string | undefined {
  return attributes.find((attribute) => attribute.startsWith(`${name}:`))?.slice(name.length + 1);
}

function headOf({ refs, headOid }: RefCollector, ref: string | undefined): Head {
  const known = ref !== undefined && isRefName(ref) ? ref : undefined;
  if (headOid === undefined) return known === undefined ? { type: 'absent' } : { type: 'unborn', ref: known };
  return known !== undefined && refs.get(known) === headOid
    ? { type: 'branch', ref: known, oid: headOid }
    : { type: 'detached', oid: headOid };
}

/** Passes a list on as long as it is of a size that a list may have. */
export async function* limitedList(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw tooLarge(`is longer than ${mostBytes} bytes`);
    yield chunk;
  }
}

function tooLarge(what: string): HoldfastError {
  return new HoldfastError('TooLarge', `the Git server's list of refs ${what}`);
}

export function notOfARef(line: Buffer): HoldfastError {
  const shown = JSON.stringify(serverMessage(textOfBytes(line.subarray(0, 400))).slice(0, 100));
  return new HoldfastError('ProtocolViolation', `the list of refs has a line that is not a ref: ${shown}`, {
    transient: true,
  });
}

/** Transient, as what was damaged on the way looks like this, too. */
export function violation(what: string): HoldfastError {
  return new HoldfastError('ProtocolViolation', `the Git server ${what}`, { transient: true });
}
