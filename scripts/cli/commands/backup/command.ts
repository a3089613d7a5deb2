import { hostDefinitions } from '#core/sources/hosting/hosts.ts';
import { group } from '../../group.ts';
import { codeArtifactCommand } from './codeartifact/command.ts';
import { codeCommitCommand } from './codecommit/command.ts';
import { gitCommand } from './git/command.ts';
import { gitHubCommand } from './github/command.ts';
import { hostedCommand } from './hosted/command.ts';

export const backupCommand = () =>
  group('backup', 'store a snapshot of each repository or package', [
    gitCommand(),
    gitHubCommand(),
    ...hostDefinitions.map(hostedCommand),
    codeCommitCommand(),
    codeArtifactCommand(),
  ]);
