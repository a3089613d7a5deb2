import { compilePattern } from '../name-pattern.ts';
import type { HostingSettings } from './settings.ts';

/** What a selection looks at. */
export interface Selectable {
  /** The last part of the full name. */
  name: string;
  fullName: string;
  private: boolean;
  fork: boolean;
  archived: boolean;
}

/**
 * Decides which repositories are backed up. A repository that the host has disabled stays selected: its backup then
 * fails with the host's reason, since a repository that has no backup must not look like one that needs none.
 */
export interface Selection {
  /** Why a repository is left out, by the setting that does it; undefined where it is selected. */
  reasonToSkip(repository: Selectable): string | undefined;
  /** The patterns of `include` that match none of these: misspelt, or the repository is gone. */
  idlePatterns(repositories: readonly Selectable[]): string[];
}

interface Pattern {
  text: string;
  matches(repository: Selectable): boolean;
}

/** @throws {HoldfastError} ConfigurationInvalid for a pattern that cannot be */
export function compileSelection(
  settings: Pick<HostingSettings, 'include' | 'exclude' | 'forks' | 'archived' | 'visibility'>,
): Selection {
  const include = settings.include.map((text) => compile(text, 'include'));
  const exclude = settings.exclude.map((text) => compile(text, 'exclude'));
  return {
    reasonToSkip(repository) {
      const excluding = exclude.find((pattern) => pattern.matches(repository));
      if (excluding) return `matches --exclude ${excluding.text}`;
      if (include.length > 0 && !include.some((pattern) => pattern.matches(repository)))
        return 'does not match --include';
      if (repository.fork && !settings.forks) return 'fork, and forks are left out';
      if (repository.archived && !settings.archived) return 'archived, and archived repositories are left out';
      if (repository.private && settings.visibility === 'public') return 'private, and only public ones are wanted';
      if (!repository.private && settings.visibility === 'private') return 'public, and only private ones are wanted';
      return undefined;
    },
    idlePatterns: (repositories) =>
      include.filter((pattern) => !repositories.some((one) => pattern.matches(one))).map(({ text }) => text),
  };
}

/** A pattern with a slash is one over the whole name, any other over its last part alone. */
function compile(text: string, setting: 'include' | 'exclude'): Pattern {
  const pattern = compilePattern(text, setting, true);
  return { text, matches: ({ fullName, name }) => pattern.matches(text.includes('/') ? fullName : name) };
}
