import { perform, vaultVerb } from '../../verb.ts';

/** What CodeBuild runs; people do not. */
export const backupItemCommand = () =>
  vaultVerb('backup-item').action((flags, command) =>
    perform(command, flags, async (context) => (await import('./backup-item.ts')).backupItem(context)),
  );
