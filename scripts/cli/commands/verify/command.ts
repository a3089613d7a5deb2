import { perform } from '../../verb.ts';
import { verifyOptions } from './options.ts';

export const verifyCommand = () =>
  verifyOptions().action((item, flags, command) =>
    perform(command, flags, async (context) => (await import('./verify.ts')).verify(context, flags, item), 'checks'),
  );
