import { perform } from '../../verb.ts';
import { doctorOptions } from './options.ts';

export const doctorCommand = () =>
  doctorOptions().action((flags, command) =>
    perform(command, flags, async (context) => (await import('./doctor.ts')).doctor(context, flags), 'checks'),
  );
