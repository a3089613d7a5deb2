import { perform } from '../../verb.ts';
import { runOptions } from './options.ts';

export const runCommand = () =>
  runOptions().action((source, flags, command) =>
    perform(
      command,
      flags,
      async (context) =>
        source === undefined
          ? (await import('../../config/run-config.ts')).runConfig(context, flags, command.parent?.commands ?? [])
          : (await import('./run.ts')).run(context, flags, source),
      source === undefined ? 'starts' : 'checks',
    ),
  );
