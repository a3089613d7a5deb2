import { perform } from '../../../verb.ts';
import { gitHubOptions } from './options.ts';

export const gitHubCommand = () =>
  gitHubOptions().action((owner, flags, command) =>
    perform(command, flags, async (context) =>
      (await import('./backup-github.ts')).backupGitHub(context, flags, owner),
    ),
  );
