import { perform } from '../../verb.ts';
import { exportOptions } from './options.ts';

export const exportCommand = () =>
  exportOptions().action((item, flags, command) =>
    perform(
      command,
      flags,
      async (context) => (await import('./export.ts')).exportRecords(context, flags, item),
      'changes',
    ),
  );
