import { perform } from '../../verb.ts';
import { statusOptions } from './options.ts';

export const statusCommand = () =>
  statusOptions().action((source, flags, command) =>
    perform(command, flags, async (context) => (await import('./status.ts')).status(context, flags, source), 'prints'),
  );
