import { perform } from '../../verb.ts';
import { copyOptions } from './options.ts';

export const copyCommand = () =>
  copyOptions().action((repository, flags, command) =>
    perform(command, flags, async (context) => (await import('./copy.ts')).copy(context, flags, repository)),
  );
