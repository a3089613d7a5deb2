import { perform } from '../../../verb.ts';
import { codeCommitOptions } from './options.ts';

export const codeCommitCommand = () =>
  codeCommitOptions().action((flags, command) =>
    perform(command, flags, async (context) =>
      (await import('./backup-codecommit.ts')).backupCodeCommit(context, flags),
    ),
  );
