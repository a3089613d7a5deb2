import { perform } from '../../verb.ts';
import { listOptions } from './options.ts';

export const listCommand = () =>
  listOptions().action((source, flags, command) =>
    perform(command, flags, async (context) => (await import('./list.ts')).list(context, flags, source), 'prints'),
  );
