import { perform } from '../../verb.ts';
import { findOptions } from './options.ts';

export const findCommand = () =>
  findOptions().action((words, item, flags, command) =>
    perform(command, flags, async (context) => (await import('./find.ts')).find(context, flags, words, item), 'prints'),
  );
