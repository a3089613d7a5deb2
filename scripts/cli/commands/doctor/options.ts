import { examples } from '../../help.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

export const doctorOptions = () =>
  vaultVerb('doctor')
    .description('check credentials, vault access and versions, and say what to do')
    .optionsGroup('GitHub:')
    .option('--token-file <file>', 'check this token instead of GITHUB_TOKEN')
    .option('--secret [name]', 'check the token in this Secrets Manager secret')
    .option('--api-url <url>', 'GitHub Enterprise: https://host/api/v3')
    .optionsGroup('Notifications:')
    .option(
      '--notify-secret <name>',
      'check the addresses in this Secrets Manager secret, not those of the environment',
    )
    .addHelpText(
      'after',
      examples(['holdfast doctor --vault s3://my-bucket/backups', 'before the first backup into a bucket']),
    );

export type DoctorFlags = FlagsOf<typeof doctorOptions>;
