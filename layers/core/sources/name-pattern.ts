import picomatch from 'picomatch';
import { HoldfastError } from '#core/runtime/errors.ts';
import { linearMatcher } from './name-glob.ts';

/** No source has names that come near; a longer one matches nothing. */
const longestName = 512;

/** A glob over the names of items. */
export interface NamePattern {
  /** As it was given. */
  text: string;
  matches(name: string): boolean;
}

/**
 * Whether a text is a pattern that is taken. Negation would have to be explained, and `exclude` says the same; `!(…)` is a
 * group, and no negation. One with groups must not hold so much that varies that a name could be chosen on which it never
 * ends.
 */
export function isPattern(text: string): boolean {
  return text !== '' && !isNegated(text) && (linearMatcher(text, false) !== undefined || endsSoon(text));
}

function isNegated(text: string): boolean {
  return /^!(?!\()/.test(text);
}

/** Whether a regular expression takes at most some millions of steps on the longest name. */
function endsSoon(glob: string): boolean {
  // What is repeated must be one and the same text: `+(a|aa)` doubles with each character.
  const repeatsChoice = /[*+]\([^)]*[^\w).-]|\)[*+{]/.test(glob);
  const runs = glob.split('/').map((segment) => segment.match(/\*+|\+|!\(/g)?.length ?? 0);
  return !repeatsChoice && Math.max(...runs) <= 2 && (glob.match(/\*\*/g)?.length ?? 0) <= 1;
}

/**
 * @param setting where the pattern stands, for the message
 * @param caseless whether names that differ only by case are the same to the source
 * @throws {HoldfastError} ConfigurationInvalid for a pattern that cannot be
 */
export function compilePattern(text: string, setting: 'include' | 'exclude', caseless: boolean): NamePattern {
  if (!isPattern(text))
    throw new HoldfastError('ConfigurationInvalid', `--${setting} ${JSON.stringify(text)} is not a pattern`, {
      advice: whatIsWrong(text),
    });
  // `windows: false`: a backslash escapes on every platform. `dot`: `.github` is a repository as any other.
  const matches = linearMatcher(text, caseless) ?? picomatch(text, { nocase: caseless, dot: true, windows: false });
  return { text, matches: (name) => name.length <= longestName && matches(name) };
}

function whatIsWrong(text: string): string | undefined {
  if (text === '') return undefined;
  return isNegated(text)
    ? 'A pattern is not negated by "!": use --exclude instead of --include.'
    : 'In a pattern with groups, a part between slashes may hold two of * and !(…), and +(…) one plain text: give several patterns instead.';
}
