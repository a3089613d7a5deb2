import { perform } from '../../../verb.ts';
import { codeArtifactOptions } from './options.ts';

export const codeArtifactCommand = () =>
  codeArtifactOptions().action((flags, command) =>
    perform(command, flags, async (context) =>
      (await import('./backup-codeartifact.ts')).backupCodeArtifact(context, flags),
    ),
  );
