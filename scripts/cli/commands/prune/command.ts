import { perform } from '../../verb.ts';
import { pruneOptions } from './options.ts';

export const pruneCommand = () =>
  pruneOptions().action((item, flags, command) =>
    perform(
      command,
      flags,
      async (context) => (await import('./prune.ts')).prune(context, flags, item),
      'changesLater',
    ),
  );
