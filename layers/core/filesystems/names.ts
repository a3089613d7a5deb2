/** Names of files are bytes: no encoding is promised, and all but the slash and the zero byte may occur. */

const zero = Buffer.from([0]);

/** The parts of a list in which each ends in a zero byte. */
export function* splitList(list: Uint8Array): Generator<Buffer> {
  const bytes = Buffer.from(list.buffer, list.byteOffset, list.byteLength);
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at);
    yield bytes.subarray(at, end);
    at = end + 1;
  }
}

/** A list as splitList reads it. */
export function joinList(names: Iterable<Uint8Array>): Buffer {
  const parts: Uint8Array[] = [];
  for (const name of names) parts.push(name, zero);
  return Buffer.concat(parts);
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A name for people and JSON: what is not printable text is written `\x0a`, and the backslash `\x5c`. */
export function printableName(name: Uint8Array): string {
  const escape = (bytes: Uint8Array): string =>
    [...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  try {
    return decoder.decode(name).replace(/[\p{C}\\]/gu, (sign) => escape(Buffer.from(sign)));
  } catch {
    return [...name]
      .map((byte) =>
        byte >= 0x20 && byte < 0x7f && byte !== 0x5c ? String.fromCharCode(byte) : escape(Uint8Array.of(byte)),
      )
      .join('');
  }
}
