import { compilePattern } from '../name-pattern.ts';
import type { CodeCommitSettings } from './settings.ts';

/** Decides by name and tags which repositories are backed up. */
export interface Selection {
  /** Why a repository of this name is left out, whatever its tags; undefined where it may be selected. */
  byName(name: string): string | undefined;
  /** Why one with these tags is left out. */
  byTags(tags: Readonly<Record<string, string>>): string | undefined;
  /** Whether tags matter at all: to ask for them takes a request for each repository. */
  needsTags: boolean;
  /** The patterns of `include` that match none of these names: misspelt, or the repository is gone. */
  idlePatterns(names: readonly string[]): string[];
}

/** @throws {HoldfastError} ConfigurationInvalid for a pattern that cannot be */
export function compileSelection({ include, exclude, tags }: CodeCommitSettings): Selection {
  const included = include.map((text) => compilePattern(text, 'include', false));
  const excluded = exclude.map((text) => compilePattern(text, 'exclude', false));
  return {
    byName(name) {
      const excluding = excluded.find((pattern) => pattern.matches(name));
      if (excluding) return `matches --exclude ${excluding.text}`;
      if (included.length > 0 && !included.some((pattern) => pattern.matches(name))) return 'does not match --include';
      return undefined;
    },
    byTags(found) {
      const missing = Object.entries(tags).find(
        ([key, value]) => !(key in found) || (value !== '' && found[key] !== value),
      );
      if (!missing) return undefined;
      const [key, value] = missing;
      return `has no tag ${value === '' ? key : `${key}=${value}`}`;
    },
    needsTags: Object.keys(tags).length > 0,
    idlePatterns: (names) =>
      included.filter((pattern) => !names.some((name) => pattern.matches(name))).map(({ text }) => text),
  };
}
