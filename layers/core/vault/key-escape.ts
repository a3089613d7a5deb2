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

/** The name that a segment stands for; undefined where only its hash is known, or where it is no such segment. */
export function unescapeSegment(segment: string): string | undefined {
  if (segment === '=') return '';
  if (segment.includes('==')) return undefined;
  const bytes: number[] = [];
  for (let at = 0; at < segment.length; at++) {
    if (segment[at] !== '=') {
      bytes.push(segment.charCodeAt(at));
      continue;
    }
    const capital = /^[a-z]/.exec(segment.slice(at + 1));
    const code = capital
      ? capital[0].toUpperCase().charCodeAt(0)
      : Number(/^\d{3}/.exec(segment.slice(at + 1))?.[0] ?? NaN);
    if (!(code <= 255)) return undefined;
    bytes.push(code);
    at += capital ? 1 : 3;
  }
  return Buffer.from(bytes).toString('utf8');
}

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[a-z0-9._-]/.test(character)) return character;
  return /[A-Z]/.test(character) ? `=${character.toLowerCase()}` : decimal(byte);
}

function decimal(byte: number): string {
  return `=${String(byte).padStart(3, '0')}`;
}
