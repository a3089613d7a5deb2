import picomatch from 'picomatch';
import { HoldfastError } from '#core/runtime/errors.ts';

/** No source has names that come near; a longer one matches nothing. */
const longestName = 512;

/** A glob over the names of items. */
export interface NamePattern {
  /** As it was given. */
  text: string;
  matches(name: string): boolean;
}

/** Negation would have to be explained, and `exclude` says the same; `!(…)` is a group, and no negation. */
export function isPattern(text: string): boolean {
  return text !== '' && !/^!(?!\()/.test(text);
}

/**
 * @param setting where the pattern stands, for the message
 * @param caseless whether names that differ only by case are the same to the source
 * @throws {HoldfastError} ConfigurationInvalid for a pattern that cannot be
 */
export function compilePattern(text: string, setting: 'include' | 'exclude', caseless: boolean): NamePattern {
  if (!isPattern(text))
    throw new HoldfastError('ConfigurationInvalid', `--${setting} ${JSON.stringify(text)} is no pattern`, {
      advice: text === '' ? undefined : 'A pattern is not negated by "!": use --exclude instead of --include.',
    });
  // Stars in a regular expression are tried at all places of a name, which a hostile source could make take for ever.
  // `windows: false`: a backslash escapes on every platform. `dot`: `.github` is a repository as any other.
  const matches = picomatch(text, { nocase: caseless, dot: true, windows: false });
  return { text, matches: (name) => name.length <= longestName && matches(name) };
}
