import { perform } from '../../verb.ts';
import { restoreOptions } from './options.ts';

export const restoreCommand = () =>
  restoreOptions().action((item, flags, command) =>
    perform(
      command,
      flags,
      async (context) => (await import('./restore.ts')).restore(context, flags, item),
      'changesLater',
    ),
  );
