import { perform } from '../../../verb.ts';
import { gitOptions } from './options.ts';

export const gitCommand = () =>
  gitOptions().action((addresses, flags, command) =>
    perform(command, flags, async (context) => (await import('./backup-git.ts')).backupGit(context, flags, addresses)),
  );
