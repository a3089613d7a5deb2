import { codeCommitDefinition } from '#core/sources/codecommit/index.ts';
import { examples } from '../../../help.ts';
import { collect } from '../../../option-values.ts';
import { type FlagsOf } from '../../../verb.ts';
import { acceptShrinkage, regions, repositoriesVerb } from '../options.ts';

export const codeCommitOptions = () =>
  repositoriesVerb(codeCommitDefinition.name)
    .description('back up the repositories of AWS CodeCommit in one or several regions')
    .option(...regions, collect, [])
    .option('--include <glob>', 'only these names; may be given again', collect, [])
    .option('--exclude <glob>', 'none of these; may be given again', collect, [])
    .option('--tag <key=value>', 'only repositories with this tag; may be given again', collect, [])
    .option(...acceptShrinkage('repositories'), false)
    .optionsGroup('AWS:')
    .option('--role <arn>', 'read the account of this role instead of your own; may be given again', collect, [])
    .option('--external-id <id>', 'the external id that these roles demand')
    .option('--fips', 'use the endpoints validated under FIPS 140', false)
    .option('--git-endpoint <url>', 'where Git is served, for a VPC endpoint without private DNS')
    .addHelpText(
      'after',
      examples(
        ['holdfast backup codecommit --region eu-central-1 --region us-east-1', 'two regions'],
        ['holdfast backup codecommit --role arn:aws:iam::123456789012:role/reader', 'another account'],
      ),
    );

export type BackupCodeCommitFlags = FlagsOf<typeof codeCommitOptions>;
