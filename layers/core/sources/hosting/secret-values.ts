import * as v from 'valibot';

/**
 * The kinds of values that secrets hold. Consoles and scripts store everything as strings, so each kind takes its
 * values as JSON and as text. Messages never repeat a value.
 */

const switches = new Map([
  ...['true', 'yes', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', '0'].map((word) => [word, false] as const),
]);

function switchOf(input: unknown): boolean | undefined {
  const isScalar = typeof input === 'string' || typeof input === 'boolean' || typeof input === 'number';
  return isScalar ? switches.get(String(input).trim().toLowerCase()) : undefined;
}

/** `"True"`, `"true"`, `true`, `1`, `"yes"`, `"on"`, and their opposites. */
export const flag = v.pipe(
  v.unknown(),
  v.check((input) => switchOf(input) !== undefined, 'must be true or false'),
  v.transform((input) => switchOf(input) === true),
);

/** Text without the spaces around it, of which something is left. */
export const word = v.pipe(v.string(), v.trim(), v.nonEmpty('must not be empty; leave the key out instead'));

export function wholeNumber(least: number, most: number) {
  return v.pipe(
    v.unknown(),
    v.check((input) => {
      const number = typeof input === 'string' && /^\s*\d+\s*$/.test(input) ? Number(input) : input;
      return typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most;
    }, `must be a whole number from ${least} to ${most}`),
    v.transform(Number),
  );
}

/** A list of patterns: an array, or text in which spaces, newlines or commas (outside braces) separate them. */
export function patterns(isPattern: (text: string) => boolean, message: string) {
  return v.pipe(
    v.union([v.pipe(v.string(), v.transform(separated)), v.array(v.string())]),
    v.check((list) => list.every(isPattern), message),
  );
}

function separated(text: string): string[] {
  return text.split(/[\s,]+(?![^{]*\})/).filter((part) => part !== '');
}
