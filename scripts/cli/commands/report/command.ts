import { perform } from '../../verb.ts';
import { reportOptions } from './options.ts';

export const reportCommand = () =>
  reportOptions().action((source, flags, command) =>
    perform(command, flags, async (context) => (await import('./report.ts')).report(context, flags, source), 'prints'),
  );
