import { Option } from '@commander-js/extra-typings';
import { endOfTime } from '../../at-time.ts';
import { withDeployment } from '../../deployment-option.ts';
import { withoutCredentialHelpers } from '../../credential-helpers.ts';
import { examples } from '../../help.ts';
import { collect, wholeNumber } from '../../option-values.ts';
import { vaultVerb, type FlagsOf } from '../../verb.ts';

const options = () =>
  vaultVerb('restore')
    .description('restore a snapshot')
    .argument(
      '[item]',
      'for instance github/acme/website, or efs/files; with --all also github/acme, or nothing for the whole vault',
    )
    .option(
      '--to <target>',
      'a folder, the URL of an empty Git repository (https://, file:// or codecommit::region://name), or a file.bundle; packages: <domain>/<repository> of CodeArtifact, or a folder; a relative folder whose name looks like an address begins with ./; EFS: another file system than its own; github:<owner>/<name> for a repository with everything; with --all a folder, github:<owner>, codecommit::<region>, codeartifact:<domain>, or a URL below which the repositories exist',
    )
    .option(
      '--snapshot <id>',
      'this snapshot, or the newest whose id starts with this (2026-11); without it, the newest',
    )
    .option('--dry-run', 'only show what would be done: nothing is created, sent or changed', false)
    .option('--plan', 'the same as --dry-run', false)
    .option(
      '--all',
      'everything at or below <item>, each at its newest snapshot; without an item, the whole vault',
      false,
    )
    .option(
      '--at <time>',
      'the newest snapshot that is not later, in UTC: 2026-03-15T12:30, 2026-03-15 or 2026-03',
      endOfTime,
    )
    .option(
      '--refs <pattern>',
      "repositories: only refs that match, such as refs/heads/*; with ! in front, all but those: '!refs/pull/*'; may be given again",
      collect,
      [],
    )
    .option(
      '--ref <name>',
      'repositories: one branch or tag, into a repository that lives on; with --path, of this branch, tag or commit',
    )
    .option('--as <name>', 'with --ref: what it is called there; without it, restored/<name>')
    .optionsGroup('Into a folder:')
    .option('--checkout', 'a working tree instead of a bare mirror', false)
    .option('--bundles', 'with --all: a bundle of each repository instead of a bare mirror', false)
    .optionsGroup('To a Git server:')
    .option('--overwrite <pattern>', 'refs that may be replaced, such as refs/heads/*; may be given again', collect, [])
    .option('--stall-seconds <n>', 'the longest silence of a server before Holdfast gives up', wholeNumber, 60)
    .addOption(withoutCredentialHelpers('gh'))
    .option('--token-file <file>', 'GitHub: read the token from a file instead of GITHUB_TOKEN')
    .option('--secret [name]', 'GitHub: read the token from this Secrets Manager secret')
    .option('--api-url <url>', 'GitHub Enterprise: https://host/api/v3')
    .optionsGroup('To github:<owner>/<name>, or github:<owner> with --all:')
    .option('--datasets <names>', 'which datasets come back, as backup has them: code,issues or !lfs', collect, [])
    .option('--issue <number>', 'only this issue or pull request, as a new issue; may be given again', collect, [])
    .option('--release <tag>', 'only this release, as a draft; may be given again', collect, [])
    .option('--labels', 'only the labels; those that are there are left', false)
    .option('--assignees', 'assign people to their issues again, which notifies them', false)
    .addOption(
      new Option('--visibility <which>', 'as what a repository is left: private, or last of all as it was stored')
        .choices(['private', 'stored'] as const)
        .default('private' as const),
    )
    .option(
      '--creations-per-minute <n>',
      "GitHub Enterprise: how many things may be made a minute; without it GitHub's own limits, 80 and 500 an hour",
      wholeNumber,
    )
    .optionsGroup('To CodeCommit or CodeArtifact:')
    .option('--create', 'create the repository first, with the settings that it had', false)
    .option('--git-endpoint <url>', 'CodeCommit: where Git is served, for a VPC endpoint without private DNS')
    .option('--region <region>', 'CodeArtifact: of the target; without it, the one that the packages came from')
    .option('--domain-owner <account>', "CodeArtifact: the account that owns the target's domain; without it, yours")
    .option('--concurrency <n>', 'packages, and with --all repositories: how many at once', wholeNumber, 4)
    .optionsGroup('EFS:')
    .option('--path <path>', 'only this folder of the snapshot; of a repository: this file or folder, into a folder')
    .option('--in-place', 'into its original place, instead of into a new folder restore-<time>', false)
    .option('--delete', 'in place: remove what the snapshot does not have; counts first, then asks', false)
    .option('--yes', 'delete without asking', false)
    .addOption(
      new Option('--verify <which>', 'the restored files whose checksums are compared')
        .choices(['sample', 'all'] as const)
        .default('sample' as const),
    )
    .option('--no-follow', 'do not wait for its end')
    .addHelpText(
      'after',
      examples(
        ['holdfast restore github/acme/website --to website.git', 'the newest snapshot, into a new bare repository'],
        ['holdfast restore github/acme/website --to website --checkout', 'into a working tree'],
        [
          'holdfast restore github/acme/website --snapshot 2026-11 --to https://host/new.git',
          'the newest of November, to an empty repository of a server',
        ],
        [
          'holdfast restore github/acme/website --to github:acme-restored/website',
          'the repository with issues, releases, settings and all else, private',
        ],
        [
          'holdfast restore github/acme --all --to github:acme-restored --plan',
          'what it takes to make all repositories of acme again, in another organisation',
        ],
      ),
    );

export const restoreOptions = () => withDeployment(options());

export type RestoreFlags = FlagsOf<typeof restoreOptions>;
