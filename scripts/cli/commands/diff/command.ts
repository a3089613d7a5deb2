import { perform } from '../../verb.ts';
import { diffOptions } from './options.ts';

export const diffCommand = () =>
  diffOptions().action((item, flags, command) =>
    perform(command, flags, async (context) => (await import('./diff.ts')).diff(context, flags, item), 'prints'),
  );
