import { perform } from '../../verb.ts';
import { runsOptions } from './options.ts';

export const runsCommand = () =>
  runsOptions().action((source, flags, command) =>
    perform(command, flags, async (context) => (await import('./runs.ts')).runs(context, flags, source), 'prints'),
  );
