import { examples } from '../../help.ts';
import { perform, vaultVerb, type FlagsOf } from '../../verb.ts';

export const doctorCommand = vaultVerb('doctor')
  .description('check credentials, vault access and versions, and say what to do')
  .optionsGroup('GitHub:')
  .option('--token-file <file>', 'check this token instead of GITHUB_TOKEN')
  .option('--secret [name]', 'check the token in this Secrets Manager secret')
  .option('--api-url <url>', 'GitHub Enterprise: https://host/api/v3')
  .addHelpText(
    'after',
    examples(['holdfast doctor --vault s3://my-bucket/backups', 'before the first backup into a bucket']),
  );

export type DoctorFlags = FlagsOf<typeof doctorCommand>;

doctorCommand.action((flags, command) =>
  perform(command, flags, async (context) => (await import('./doctor.ts')).doctor(context, flags), 'checks'),
);
