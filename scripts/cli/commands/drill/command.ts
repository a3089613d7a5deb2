import { perform } from '../../verb.ts';
import { drillOptions } from './options.ts';

export const drillCommand = () =>
  drillOptions().action((item, flags, command) =>
    perform(command, flags, async (context) => (await import('./drill.ts')).drill(context, flags, item), 'checks'),
  );
