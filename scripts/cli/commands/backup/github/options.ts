import { gitHubDefinition } from '#core/sources/github/index.ts';
import { withoutCredentialHelpers } from '../../../credential-helpers.ts';
import { examples } from '../../../help.ts';
import { collect, wholeNumber } from '../../../option-values.ts';
import { type FlagsOf } from '../../../verb.ts';
import { acceptShrinkage, lfsLimit, ownersVerb } from '../options.ts';

export const gitHubOptions = () =>
  ownersVerb(gitHubDefinition.name, 'user or organisation', 'everything that the token sees')
    .description('back up the repositories of a user or an organisation at GitHub')
    .option('--owned', 'only repositories that the owner owns, none where they collaborate')
    .option(
      '--datasets <names>',
      'what to keep: code, wiki, lfs, …, or all but one: !wiki; without it, all that the credential allows',
      collect,
      [],
    )
    .addOption(lfsLimit())
    .option(...acceptShrinkage('repositories'), false)
    .optionsGroup('GitHub:')
    .option('--token-file <file>', 'read the token from a file instead of GITHUB_TOKEN')
    .addOption(withoutCredentialHelpers('gh'))
    .option('--secret [name]', 'read token and settings from this Secrets Manager secret')
    .option('--api-url <url>', 'GitHub Enterprise: https://host/api/v3')
    .option('--requests-per-minute <n>', 'how many API requests a minute (120)', wholeNumber)
    .addHelpText(
      'after',
      examples(
        ['GITHUB_TOKEN=… holdfast backup github my-organisation', 'an organisation'],
        ["holdfast backup github me --no-forks --exclude 'me/archive-*'", 'some repositories of a user'],
      ),
    );

export type BackupGitHubFlags = FlagsOf<typeof gitHubOptions>;
