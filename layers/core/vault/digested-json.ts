import { createHash } from 'node:crypto';
import type { HoldfastError } from '#core/runtime/errors.ts';

/** The last two lines of every manifest; the digest covers every byte before them. */
const ending = /,\n {2}"digest": "([0-9a-f]{64})"\n\}\n$/;

/** JSON whose last member is the SHA-256 of all bytes before it. */
export function writeDigested(value: object): { text: string; digest: string } {
  return sealed(JSON.stringify(value, null, 2).slice(0, -'\n}'.length));
}

/** The same in fewer bytes: each member of the value on one line. */
export function writeDigestedLines(value: object): { text: string; digest: string } {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return sealed(`{\n${members.map(([name, member]) => `  "${name}": ${JSON.stringify(member)}`).join(',\n')}`);
}

function sealed(members: string): { text: string; digest: string } {
  const covered = `${members},\n`;
  const digest = sha256(covered);
  return { text: `${covered}  "digest": "${digest}"\n}\n`, digest };
}

/**
 * Checks the digest over the very bytes that were stored, and gives the JSON without it.
 * @param damaged makes the error that says why
 * @throws {HoldfastError} what `damaged` makes
 */
export function readDigested(bytes: Buffer, damaged: (why: string) => HoldfastError): { json: string; digest: string } {
  const text = bytes.toString('utf8');
  // Bytes that are not UTF-8 would be replaced silently; then the digest is over something else than was stored.
  const end = ending.exec(text);
  const digest = end?.[1];
  if (end === null || digest === undefined) throw damaged('it does not end in a digest');
  const covered = bytes.subarray(0, bytes.length - (text.length - end.index - ',\n'.length));
  if (sha256(covered) !== digest) throw damaged('it does not match its digest');
  return { json: `${text.slice(0, end.index)}}`, digest };
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
