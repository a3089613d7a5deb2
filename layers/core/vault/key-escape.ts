import { createHash } from 'node:crypto';
import { HoldfastError } from '#core/runtime/errors.ts';

/** No escaped segment is longer: file systems allow 255 bytes. */
const longestSegment = 200;
/** How much of a longer one stays readable before its hash. */
const readablePart = 120;

/** Names that Windows keeps for devices, with or without an extension. */
const reservedName = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/;

/**
 * Turns any name into one segment of a key, and different names into different segments, also on file systems that
 * ignore case or normalise Unicode. `a-z 0-9 . _ -` stand for themselves, `=x` for a capital `X`, and `=nnn` for the
 * byte of that decimal value; a dot or dash at the start, a dot at the end and reserved names are escaped by their
 * first or last byte. Names that come out too long keep their beginning, followed by `==` and the SHA-256 of the
 * whole name.
 */
export function escapeSegment(name: string): string {
  if (!name.isWellFormed())
    throw new HoldfastError('SourceUnsupported', 'a name that is not valid Unicode cannot be stored');
  if (name === '') return '=';
  let escaped = Array.from(Buffer.from(name), escapeByte).join('');
  if (/^[.-]/.test(escaped) || reservedName.test(escaped)) escaped = decimal(escaped.charCodeAt(0)) + escaped.slice(1);
  if (escaped.endsWith('.')) escaped = `${escaped.slice(0, -1)}=046`;
  if (escaped.length <= longestSegment) return escaped;
  return `${escaped.slice(0, readablePart)}==${createHash('sha256').update(name).digest('hex')}`;
}

/** The name that a segment stands for; undefined where only its hash is known, or where it is not such a segment. */
export function unescapeSegment(segment: string): string | undefined {
  if (segment === '=') return '';
  const bytes: number[] = [];
  for (const [, plain, capital, code] of segment.matchAll(/([^=])|=([a-z])|=(\d{3})|=/g)) {
    if (plain !== undefined) bytes.push(plain.charCodeAt(0));
    else if (capital !== undefined) bytes.push(capital.toUpperCase().charCodeAt(0));
    else bytes.push(Number(code));
  }
  const name = Buffer.from(bytes).toString('utf8');
  // Whatever else is wrong with a segment, it is not the one that its name would get.
  return escapeSegment(name) === segment ? name : undefined;
}

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[a-z0-9._-]/.test(character)) return character;
  return /[A-Z]/.test(character) ? `=${character.toLowerCase()}` : decimal(byte);
}

function decimal(byte: number): string {
  return `=${String(byte).padStart(3, '0')}`;
}
