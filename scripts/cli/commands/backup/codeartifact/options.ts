import { codeArtifactDefinition } from '#core/sources/codeartifact/index.ts';
import { examples } from '../../../help.ts';
import { collect, positiveNumber, wholeNumber } from '../../../option-values.ts';
import { vaultVerb, type FlagsOf } from '../../../verb.ts';
import { acceptOverwrites, acceptShrinkage, objectives, regions } from '../options.ts';

export const codeArtifactOptions = () =>
  vaultVerb(codeArtifactDefinition.name)
    .description('back up the packages of AWS CodeArtifact in one or several regions')
    .option('--dry-run', 'only show what would be backed up: nothing is fetched or written', false)
    .option('--concurrency <n>', 'how many packages at once', wholeNumber, 4)
    .option(...acceptOverwrites, false)
    .addOption(objectives.rpo())
    .addOption(objectives.rto())
    .optionsGroup('Which packages:')
    .option(...regions, collect, [])
    .option('--domain <glob>', 'only these domains; may be given again', collect, [])
    .option('--domain-owner <account>', 'the account that owns these domains, if it is another')
    .option('--repository <glob>', 'only these repositories; may be given again', collect, [])
    .option('--format <format>', 'only packages of this format: npm, maven, …; may be given again', collect, [])
    .option('--external', 'also copies of public packages that a repository fetched', false)
    .option(...acceptShrinkage('packages'), false)
    .optionsGroup('AWS:')
    .option('--share <share>', "how much of the account's request quotas to use, 0 to 1 (0.5)", positiveNumber)
    .addHelpText(
      'after',
      examples(
        ['holdfast backup codeartifact --region eu-central-1', 'everything in a region'],
        ['holdfast backup codeartifact --domain company --format npm', 'the npm packages of a domain'],
      ),
    );

export type BackupCodeArtifactFlags = FlagsOf<typeof codeArtifactOptions>;
