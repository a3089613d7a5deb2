import { Option } from '@commander-js/extra-typings';
import { gitHubDefinition } from '#core/sources/github/index.ts';
import { withoutCredentialHelpers } from '../../../credential-helpers.ts';
import { examples } from '../../../help.ts';
import { collect, wholeNumber } from '../../../option-values.ts';
import { type FlagsOf } from '../../../verb.ts';
import { lfsLimit, repositoriesVerb } from '../options.ts';

export const gitHubOptions = repositoriesVerb(gitHubDefinition.name)
  .description('back up the repositories of a user or an organisation at GitHub')
  .argument('[owner]', 'user or organisation; without it, everything that the token sees')
  .option('--owned', 'only repositories that the owner owns, none where they collaborate')
  .option('--include <glob>', 'only these, as owner/name; may be given again', collect, [])
  .option('--exclude <glob>', 'none of these; may be given again', collect, [])
  .option('--no-forks', 'leave out forks')
  .option('--no-archived', 'leave out archived repositories')
  .addOption(
    new Option('--visibility <which>', 'which to take')
      .choices(['all', 'public', 'private'] as const)
      .default('all' as const),
  )
  .option(
    '--datasets <names>',
    'what to keep of each: code, wiki, lfs, …, or all but one: !wiki; without it, all that the credential allows',
    collect,
    [],
  )
  .addOption(lfsLimit())
  .option('--accept-shrinkage', 'continue even if many repositories are no longer listed', false)
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
