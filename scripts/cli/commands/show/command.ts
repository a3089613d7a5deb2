import { perform } from '../../verb.ts';
import { showOptions } from './options.ts';

export const showCommand = () =>
  showOptions().action((item, flags, command) =>
    perform(command, flags, async (context) => (await import('./show.ts')).show(context, flags, item), 'prints'),
  );
