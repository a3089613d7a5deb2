import type { Source } from '#core/vault/layout.ts';
import { codeArtifactDefinition } from './codeartifact/index.ts';
import { codeCommitDefinition } from './codecommit/index.ts';
import type { SourceDefinition } from './definition.ts';
import { plainGitDefinition } from './git/index.ts';
import { giteaDefinition } from './gitea/index.ts';
import { gitHubDefinition } from './github/index.ts';
import { gitLabDefinition } from './gitlab/index.ts';

/** All sources, one line each. */
export const sourceTable: Readonly<Record<Source, SourceDefinition>> = {
  github: gitHubDefinition,
  gitlab: gitLabDefinition,
  gitea: giteaDefinition,
  codecommit: codeCommitDefinition,
  git: plainGitDefinition,
  codeartifact: codeArtifactDefinition,
};
