import { withoutCredentialHelpers } from '../../../credential-helpers.ts';
import { examples } from '../../../help.ts';
import { type FlagsOf } from '../../../verb.ts';
import { lfsLimit, repositoriesVerb } from '../options.ts';

export const gitOptions = () =>
  repositoriesVerb('git')
    .description('back up Git repositories by URL or folder')
    .argument('[addresses...]', 'https URLs or folders')
    .addOption(withoutCredentialHelpers('gh'))
    .option('--lfs', 'also back up the objects of Git LFS, of repositories that have a URL', false)
    .addOption(lfsLimit())
    .option('--from <file>', 'read addresses from a file, one a line; - for standard input')
    .addHelpText(
      'after',
      examples(
        ['holdfast backup git https://example.com/team/project.git ../a/checkout', 'two repositories'],
        ['holdfast backup git --from repositories.txt --vault s3://my-bucket/backups', 'those of a list, into S3'],
      ),
    );

export type BackupGitFlags = FlagsOf<typeof gitOptions>;
