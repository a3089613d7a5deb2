import { distance } from 'fastest-levenshtein';

/** More changes than this make another word. */
const mostChanges = 3;
const mostSuggestions = 3;

/**
 * What is wrong with a word, and what may have been meant: `is not a source; did you mean git or github?`
 * @param written how a word is written in the answer
 */
export function withSuggestion(
  wrong: string,
  typed: string,
  words: Iterable<string>,
  written = (word: string): string => word,
): string {
  const found = nearest(typed, words).map(written);
  const last = found.pop();
  if (last === undefined) return wrong;
  return `${wrong}; did you mean ${found.length === 0 ? last : `${found.join(', ')} or ${last}`}?`;
}

/** The nearest first, whatever their case; only those of which more than half is as it was typed. */
function nearest(typed: string, words: Iterable<string>): string[] {
  const lower = typed.toLowerCase();
  const found: { word: string; changes: number }[] = [];
  for (const word of words) {
    // Nothing is computed where the lengths alone differ by too much.
    if (Math.abs(word.length - typed.length) > mostChanges) continue;
    const changes = distance(lower, word.toLowerCase());
    if (changes <= mostChanges && changes * 2 < Math.max(word.length, typed.length)) found.push({ word, changes });
  }
  found.sort((a, b) => a.changes - b.changes || (a.word < b.word ? -1 : 1));
  return found.slice(0, mostSuggestions).map(({ word }) => word);
}
