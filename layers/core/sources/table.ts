import { HoldfastError } from '#core/runtime/errors.ts';
import { withSuggestion } from '#core/runtime/nearest.ts';
import type { Source } from '#core/vault/layout.ts';
import { codeArtifactDefinition } from './codeartifact/index.ts';
import { codeCommitDefinition } from './codecommit/index.ts';
import type { SourceDefinition } from './definition.ts';
import { plainGitDefinition } from './git/index.ts';
import { giteaDefinition } from './gitea/index.ts';
import { gitHubDefinition } from './github/index.ts';
import { gitLabDefinition } from './gitlab/index.ts';

/** All sources, one line each, in the order in which they are listed and checked. */
export const sourceDefinitions = [
  gitHubDefinition,
  gitLabDefinition,
  giteaDefinition,
  codeCommitDefinition,
  plainGitDefinition,
  codeArtifactDefinition,
] as const satisfies readonly SourceDefinition[];

export const sources: readonly Source[] = sourceDefinitions.map(({ name }) => name);

/** @returns undefined for a name that no source of this version has */
export function definitionOf(name: string | undefined): SourceDefinition | undefined {
  return sourceDefinitions.find((definition) => definition.name === name);
}

/** @throws {HoldfastError} Usage */
export function parseSource(text: string): Source {
  const definition = definitionOf(text);
  if (definition) return definition.name;
  throw new HoldfastError('Usage', withSuggestion(`${JSON.stringify(text)} is not a source`, text, sources), {
    advice: `The sources are ${sources.join(', ')}.`,
  });
}
