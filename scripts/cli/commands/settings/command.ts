import { examples } from '../../help.ts';
import { group } from '../../group.ts';
import { perform, verb, type FlagsOf } from '../../verb.ts';

const secretOption = ['--secret <name>', 'the secret in AWS Secrets Manager', 'prod/github-backup'] as const;

const showCommand = verb('show')
  .description('print the settings of a deployment for GitHub; tokens are never printed')
  .option(...secretOption)
  .addHelpText(
    'after',
    examples(['holdfast settings show --secret prod/github-backup', 'all settings, without the token']),
  );

const setCommand = verb('set')
  .description('change one setting and leave the others as they are; it applies from the next run on')
  .argument('<key>', 'such as BACKUP_EXCLUDE')
  .argument('[value]', 'the new value; without it, it is read from standard input, as tokens always are')
  .option(...secretOption)
  .option('--remove', 'remove the setting, so that its default applies', false)
  .option('--dry-run', 'check the new settings and change nothing', false)
  .addHelpText(
    'after',
    examples(
      ["holdfast settings set BACKUP_EXCLUDE 'acme/archive-*'", 'leave some repositories out'],
      ['gh auth token | holdfast settings set TOKEN_GITHUB', 'a new token, which no other program can see'],
    ),
  );

export type SettingsShowFlags = FlagsOf<typeof showCommand>;
export type SettingsSetFlags = FlagsOf<typeof setCommand>;

showCommand.action((flags, command) =>
  perform(command, flags, async (context) => (await import('./settings.ts')).showSettings(context, flags), 'prints'),
);
setCommand.action((key, value, flags, command) =>
  perform(
    command,
    flags,
    async (context) => (await import('./settings.ts')).setSetting(context, flags, key, value),
    'changesLater',
  ),
);

export const settingsCommand = group('settings', 'show or change what the secret of a deployment says', [
  showCommand,
  setCommand,
]);
