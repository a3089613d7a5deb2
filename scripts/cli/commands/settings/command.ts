import { group } from '../../group.ts';
import { perform } from '../../verb.ts';
import { setOptions, showOptions } from './options.ts';

const showCommand = () =>
  showOptions().action((flags, command) =>
    perform(command, flags, async (context) => (await import('./settings.ts')).showSettings(context, flags), 'prints'),
  );
const setCommand = () =>
  setOptions().action((key, value, flags, command) =>
    perform(
      command,
      flags,
      async (context) => (await import('./settings.ts')).setSetting(context, flags, key, value),
      'changesLater',
    ),
  );

export const settingsCommand = () =>
  group('settings', 'show or change what the secret of a deployment says', [showCommand(), setCommand()]);
