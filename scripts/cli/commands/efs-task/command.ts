import { perform, vaultVerb } from '../../verb.ts';

/** What an instance for EFS runs; people do not. */
export const efsTaskCommand = () =>
  vaultVerb('efs-task').action((flags, command) =>
    perform(command, flags, async (context) => (await import('./efs-task.ts')).efsTask(context)),
  );
