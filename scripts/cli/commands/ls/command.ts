import { perform } from '../../verb.ts';
import { lsOptions } from './options.ts';

export const lsCommand = () =>
  lsOptions().action((item, path, flags, command) =>
    perform(command, flags, async (context) => (await import('./ls.ts')).ls(context, flags, item, path), 'prints'),
  );
