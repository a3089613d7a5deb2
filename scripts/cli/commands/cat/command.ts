import { perform } from '../../verb.ts';
import { catOptions } from './options.ts';

export const catCommand = () =>
  catOptions().action((item, path, flags, command) =>
    perform(command, flags, async (context) => (await import('./cat.ts')).cat(context, flags, item, path), 'prints'),
  );
