import { examples } from '../../help.ts';
import { verb, type FlagsOf } from '../../verb.ts';

const secretOption = ['--secret <name>', 'the secret in AWS Secrets Manager', 'prod/github-backup'] as const;

export const showOptions = () =>
  verb('show')
    .description('print the settings of a deployment; tokens and addresses of webhooks are never printed')
    .option(...secretOption)
    .addHelpText(
      'after',
      examples(['holdfast settings show --secret prod/github-backup', 'all settings, without the token']),
    );

export const setOptions = () =>
  verb('set')
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

export type SettingsShowFlags = FlagsOf<typeof showOptions>;
export type SettingsSetFlags = FlagsOf<typeof setOptions>;
