import { perform } from '../../verb.ts';
import { evidenceOptions } from './options.ts';

export const evidenceCommand = () =>
  evidenceOptions().action((source, flags, command) =>
    perform(
      command,
      flags,
      async (context) => (await import('./evidence.ts')).evidence(context, flags, source),
      'prints',
    ),
  );
