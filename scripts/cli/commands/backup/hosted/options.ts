import { Option } from '@commander-js/extra-typings';
import type { HostDefinition } from '#core/sources/hosting/definition.ts';
import { withoutCredentialHelpers } from '../../../credential-helpers.ts';
import { collect, wholeNumber } from '../../../option-values.ts';
import type { FlagsOf } from '../../../verb.ts';
import { lfsLimit, repositoriesVerb } from '../options.ts';

/** The options of the verb for a Git host. */
export function hostedVerb({ name, label, owner, tokenVariables, urlVariable, defaultUrl, ownToken }: HostDefinition) {
  const elsewhere = defaultUrl === undefined ? '' : `, else ${defaultUrl}`;
  return repositoriesVerb(name)
    .argument('[owner]', `${owner}; without it, everything that belongs to the token`)
    .option('--include <glob>', 'only these, as owner/name; may be given again', collect, [])
    .option('--exclude <glob>', 'none of these; may be given again', collect, [])
    .option('--no-forks', 'leave out forks')
    .option('--no-archived', 'leave out archived repositories')
    .option('--no-wikis', 'leave out wikis')
    .option('--lfs', 'also back up the objects of Git LFS', false)
    .addOption(lfsLimit())
    .addOption(
      new Option('--visibility <which>', 'which to take')
        .choices(['all', 'public', 'private'] as const)
        .default('all' as const),
    )
    .option('--accept-shrinkage', 'continue even if many repositories are no longer listed', false)
    .optionsGroup(`${label}:`)
    .option('--url <url>', `the address of its web pages; else ${urlVariable}${elsewhere}`)
    .option('--token-file <file>', `read the token from a file instead of ${tokenVariables.join(' or ')}`)
    .addOption(withoutCredentialHelpers(ownToken?.program))
    .option('--requests-per-minute <n>', 'how many API requests a minute (300)', wholeNumber);
}

export type BackupHostedFlags = FlagsOf<ReturnType<typeof hostedVerb>>;
