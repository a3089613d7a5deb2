import type { HostDefinition } from '#core/sources/hosting/definition.ts';
import { withoutCredentialHelpers } from '../../../credential-helpers.ts';
import { wholeNumber } from '../../../option-values.ts';
import type { FlagsOf } from '../../../verb.ts';
import { acceptShrinkage, lfsLimit, ownersVerb } from '../options.ts';

/** The options of the verb for a Git host. */
export function hostedVerb({ name, label, owner, tokenVariables, urlVariable, defaultUrl, ownToken }: HostDefinition) {
  const elsewhere = defaultUrl === undefined ? '' : `, else ${defaultUrl}`;
  return ownersVerb(name, owner, 'everything that belongs to the token')
    .option('--no-wikis', 'leave out wikis')
    .option('--lfs', 'also back up the objects of Git LFS', false)
    .addOption(lfsLimit())
    .option(...acceptShrinkage('repositories'), false)
    .optionsGroup(`${label}:`)
    .option('--url <url>', `the address of its web pages; else ${urlVariable}${elsewhere}`)
    .option('--token-file <file>', `read the token from a file instead of ${tokenVariables.join(' or ')}`)
    .addOption(withoutCredentialHelpers(ownToken?.program))
    .option('--requests-per-minute <n>', 'how many API requests a minute (300)', wholeNumber);
}

export type BackupHostedFlags = FlagsOf<typeof hostedVerb>;
