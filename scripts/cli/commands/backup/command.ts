import { group } from '../../group.ts';
import { codeArtifactCommand } from './codeartifact/command.ts';
import { codeCommitCommand } from './codecommit/command.ts';
import { gitCommand } from './git/command.ts';
import { gitHubCommand } from './github/command.ts';

export const backupCommand = group('backup', 'store a snapshot of each repository or package', [
  gitCommand,
  gitHubCommand,
  codeCommitCommand,
  codeArtifactCommand,
]);
