import { withoutCredentialHelpers } from '../../credential-helpers.ts';
import { examples } from '../../help.ts';
import { collect, wholeNumber } from '../../option-values.ts';
import { verb, type FlagsOf } from '../../verb.ts';

export const copyOptions = () =>
  verb('copy')
    .description('stream one repository straight into another, one way')
    .argument('<repository>', 'URL or folder')
    .requiredOption('--to <target>', 'URL or folder of the repository to copy into')
    .option('--refs <pattern>', 'as for backup; may be given again', collect, [])
    .option('--force <pattern>', 'refs that may be changed other than by fast-forward; may be given again', collect, [])
    .option('--dry-run', 'only show what would be copied: nothing is sent', false)
    .option('--stall-seconds <n>', 'the longest silence of a server before Holdfast gives up', wholeNumber, 60)
    .addOption(withoutCredentialHelpers('gh'))
    .optionsGroup('GitHub:')
    .option('--token-file <file>', 'read the token from a file instead of GITHUB_TOKEN')
    .option('--secret [name]', 'read the token from this Secrets Manager secret')
    .option('--api-url <url>', 'GitHub Enterprise: https://host/api/v3')
    .optionsGroup('CodeCommit:')
    .option('--git-endpoint <url>', 'where Git is served, for a VPC endpoint without private DNS')
    .addHelpText(
      'after',
      examples([
        'holdfast copy https://github.com/acme/website --to codecommit::eu-central-1://website',
        'a mirror of a GitHub repository at CodeCommit',
      ]),
    );

export type CopyFlags = FlagsOf<typeof copyOptions>;
