import type { RefSelection } from '#core/git/refs.ts';
import { HoldfastError } from '#core/runtime/errors.ts';

/** `refs/heads/*` includes, `!refs/pull/*` excludes. */
export function refSelection(patterns: readonly string[]): RefSelection {
  const wrong = patterns.find((pattern) => !/^!?refs\//.test(pattern));
  if (wrong !== undefined)
    throw new HoldfastError('Usage', `--refs ${wrong} can match no ref`, {
      advice: "Patterns are whole names: refs/heads/*, or '!refs/pull/*'.",
    });
  return {
    include: patterns.filter((pattern) => !pattern.startsWith('!')),
    exclude: patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1)),
  };
}
