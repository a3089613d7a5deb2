import { HoldfastError } from '#core/runtime/errors.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import { textOfBytes } from './refs.ts';

/**
 * Git's framing (gitprotocol-common): four hexadecimal digits give the length of a line including themselves;
 * lengths below four are markers.
 */
export type Packet = { type: 'data'; payload: Buffer } | { type: 'flush' } | { type: 'delimiter' } | { type: 'end' };

export const flush = Buffer.from('0000');
export const delimiter = Buffer.from('0001');

/** The longest line including its length, gitprotocol-common. */
const longestLine = 65_520;

/** One line as it goes over the wire. */
export function pktLine(payload: string | Uint8Array): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const length = bytes.length + 4;
  if (length > longestLine) throw new RangeError(`a pkt-line of ${length} bytes is longer than ${longestLine}`);
  return Buffer.concat([Buffer.from(length.toString(16).padStart(4, '0')), bytes]);
}

/** Reads four digits of length. @throws {HoldfastError} ProtocolViolation, transient: bytes may have been lost on the way */
export function parseLength(digits: Buffer): number {
  const text = digits.toString('latin1');
  const length = /^[0-9a-fA-F]{4}$/.test(text) ? parseInt(text, 16) : -1;
  if (length < 0 || length === 3 || length > longestLine)
    throw new HoldfastError('ProtocolViolation', `${JSON.stringify(text)} is not the length of a pkt-line`, {
      transient: true,
      advice: 'The address might not be that of a Git server.',
    });
  return length;
}

/** Splits a stream of bytes into packets. A stream that ends inside a packet is an error. */
export async function* readPackets(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Packet> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let at = 0;
    while (rest.length - at >= 4) {
      const length = parseLength(rest.subarray(at, at + 4));
      if (length >= 4 && rest.length - at < length) break;
      yield packetOf(length, rest.subarray(at + 4, at + Math.max(4, length)));
      at += Math.max(4, length);
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0)
    throw new HoldfastError('Truncated', 'the answer ended in the middle of a pkt-line', { transient: true });
}

function packetOf(length: number, payload: Buffer): Packet {
  if (length === 0) return { type: 'flush' };
  if (length === 1) return { type: 'delimiter' };
  if (length === 2) return { type: 'end' };
  return { type: 'data', payload };
}

/** A packet's payload as text without the line feed that may end it. */
export function textOf(payload: Buffer): string {
  return textOfBytes(payload.at(-1) === 0x0a ? payload.subarray(0, -1) : payload);
}

/** Raises what a server says in an `ERR` line (gitprotocol-pack, "pkt-line error"). */
export function throwOnErrorLine(text: string): void {
  if (!text.startsWith('ERR ')) return;
  const message = serverMessage(text.slice(4));
  if (/not our ref|unadvertised object|upload-pack: not our ref/.test(message))
    throw new HoldfastError('RefMoved', `the Git server says: ${message}`, { transient: true });
  throw new HoldfastError('RemoteRefused', `the Git server says: ${message}`);
}
