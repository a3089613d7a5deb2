import { Command, CommanderError, Option } from 'commander';
import { readEnvironment } from '#core/runtime/environment.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { version } from '#core/runtime/version.ts';
import type { BackupCodeArtifactFlags } from './commands/backup-codeartifact.ts';
import type { BackupCodeCommitFlags } from './commands/backup-codecommit.ts';
import type { BackupGitFlags } from './commands/backup-git.ts';
import type { BackupGitHubFlags } from './commands/backup-github.ts';
import type { CopyFlags } from './commands/copy.ts';
import type { DoctorFlags } from './commands/doctor.ts';
import type { DrillFlags } from './commands/drill.ts';
import type { PruneFlags } from './commands/prune.ts';
import type { RestoreFlags } from './commands/restore.ts';
import type { RunFlags } from './commands/run.ts';
import type { ShowFlags } from './commands/show.ts';
import type { VerifyFlags } from './commands/verify.ts';
import type { Context } from './context.ts';
import type { EfsFlags } from './efs/deployment.ts';
import { exitCode, exitCodeOfError } from './exit-codes.ts';
import { collect, positiveNumber, wholeNumber } from './option-values.ts';
import { Output } from './output.ts';

/** Options that every verb takes. */
interface CommonFlags {
  vault?: string;
  json: boolean;
  quiet: boolean;
  debug: boolean;
}

type Verb<Flags> = (context: Context, flags: Flags, ...operands: string[]) => Promise<number>;

/** Runs the command line and sets the process's exit code. */
export async function main(args: readonly string[]): Promise<void> {
  const program = commandLine();
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitCode.well : exitCode.usage;
  }
}

function commandLine(): Command {
  const program = new Command('holdfast')
    .description(
      'Backs up repositories, packages and file systems into storage that you own, proves the copies, and restores them.',
    )
    .version(version)
    .exitOverride()
    .showHelpAfterError('(holdfast --help shows what there is)')
    .addHelpText('after', '\nExit codes: 0 all well, 1 failed, 2 usage, 3 partial, 4 damage found, 130 interrupted.');

  const backup = program.command('backup').description('store a snapshot of each repository');
  withBackupOptions(backup.command('git').description('repositories by URL or folder'))
    .argument('[addresses...]', 'https URLs or folders')
    .option('--from <file>', 'read addresses from a file, one a line; - for standard input')
    .action(
      run<BackupGitFlags>(async (context, flags, ...addresses) =>
        (await import('./commands/backup-git.ts')).backupGit(context, flags, addresses),
      ),
    );
  withBackupOptions(backup.command('github').description('the repositories of a user or an organisation'))
    .argument('[owner]', 'user or organisation; without it, everything that the token sees')
    .option('--token-file <file>', 'read the token from a file instead of GITHUB_TOKEN')
    .option('--secret [name]', 'read token and settings from this Secrets Manager secret')
    .option('--api-url <url>', 'GitHub Enterprise: https://host/api/v3')
    .option('--owned', 'only repositories that the owner owns, none where they collaborate')
    .option('--include <glob>', 'only these, as owner/name; may be given again', collect, [])
    .option('--exclude <glob>', 'none of these; may be given again', collect, [])
    .option('--no-forks', 'leave out forks')
    .option('--no-archived', 'leave out archived repositories')
    .addOption(new Option('--visibility <which>', 'which to take').choices(['all', 'public', 'private']).default('all'))
    .option('--requests-per-minute <n>', 'how many API requests a minute (30)', wholeNumber)
    .option('--accept-shrinkage', 'go on though many repositories are not listed any more', false)
    .action(
      run<BackupGitHubFlags>(async (context, flags, owner) =>
        (await import('./commands/backup-github.ts')).backupGitHub(context, flags, owner),
      ),
    );

  withBackupOptions(backup.command('codecommit').description('the repositories of AWS CodeCommit'))
    .option('--region <region>', 'where to look; may be given again; without it, AWS_REGION', collect, [])
    .option('--include <glob>', 'only these names; may be given again', collect, [])
    .option('--exclude <glob>', 'none of these; may be given again', collect, [])
    .option('--tag <key=value>', 'only repositories with this tag; may be given again', collect, [])
    .option('--fips', 'use the endpoints validated under FIPS 140', false)
    .option('--role <arn>', 'read the account of this role instead of your own; may be given again', collect, [])
    .option('--external-id <id>', 'what these roles demand to be told')
    .option('--git-endpoint <url>', 'where Git is served, for a VPC endpoint without private DNS')
    .option('--accept-shrinkage', 'go on though many repositories are not listed any more', false)
    .action(
      run<BackupCodeCommitFlags>(async (context, flags) =>
        (await import('./commands/backup-codecommit.ts')).backupCodeCommit(context, flags),
      ),
    );

  withCommonOptions(backup.command('codeartifact').description('the packages of AWS CodeArtifact'))
    .option('--region <region>', 'where to look; may be given again; without it, AWS_REGION', collect, [])
    .option('--domain <glob>', 'only these domains; may be given again', collect, [])
    .option('--domain-owner <account>', 'the account that owns these domains, if it is another')
    .option('--repository <glob>', 'only these repositories; may be given again', collect, [])
    .option('--format <format>', 'only packages of this format: npm, maven, …; may be given again', collect, [])
    .option('--external', 'also copies of public packages that a repository fetched', false)
    .option('--share <share>', "how much of the account's request quotas to use, 0 to 1 (0.5)", positiveNumber)
    .option('--concurrency <n>', 'how many packages at once', wholeNumber, 4)
    .option('--accept-shrinkage', 'go on though many packages are not listed any more', false)
    .action(
      run<BackupCodeArtifactFlags>(async (context, flags) =>
        (await import('./commands/backup-codeartifact.ts')).backupCodeArtifact(context, flags),
      ),
    );

  withDeployment(withCommonOptions(program.command('list').description('what the vault holds')))
    .argument('[source]', 'only this source: github, git, …; efs: the file systems of a deployment')
    .action(
      run<EfsFlags>(async (context, flags, source) =>
        (await import('./commands/list.ts')).list(context, flags, source),
      ),
    );
  withDeployment(withCommonOptions(program.command('show').description("one item's snapshots, sizes and refs")))
    .argument('<item>', 'for instance github/acme/website, or efs/files')
    .option('--snapshot <id>', 'show the refs of this snapshot instead of the newest')
    .option('--refs', 'show all refs, however many', false)
    .action(
      run<ShowFlags>(async (context, flags, item) => (await import('./commands/show.ts')).show(context, flags, item)),
    );
  withDeployment(
    withCommonOptions(program.command('verify').description('read everything stored and compare it with its digests')),
  )
    .argument('[item]', 'only this item; efs/<name>: a snapshot of a file system, on an instance in AWS')
    .option('--snapshot <id>', 'EFS: this snapshot instead of the newest')
    .option('--no-follow', 'EFS: do not wait for its end')
    .option('--concurrency <n>', 'how many snapshots at once', wholeNumber, 4)
    .action(
      run<VerifyFlags>(async (context, flags, item) =>
        (await import('./commands/verify.ts')).verify(context, flags, item),
      ),
    );
  withCommonOptions(program.command('drill').description('prove that snapshots restore, by restoring them'))
    .argument('[item]', 'only this item; without it, the newest snapshot of every item')
    .option('--snapshot <id>', 'this snapshot instead of the newest')
    .option('--all', 'every snapshot, not only the newest', false)
    .option('--concurrency <n>', 'how many snapshots at once', wholeNumber, 2)
    .action(
      run<DrillFlags>(async (context, flags, item) =>
        (await import('./commands/drill.ts')).drill(context, flags, item),
      ),
    );
  withDeployment(withCommonOptions(program.command('restore').description('bring a snapshot back')))
    .argument('<item>', 'for instance github/acme/website, or efs/files')
    .option(
      '--to <target>',
      'a folder, the URL of an empty Git repository (https://, file:// or codecommit::region://name), or a file.bundle; packages: <domain>/<repository> of CodeArtifact, or a folder; EFS: another file system than its own',
    )
    .option('--snapshot <id>', 'this snapshot, or the newest whose id begins so (2026-11); without it, the newest')
    .option('--checkout', 'into a folder: a working tree instead of a bare mirror', false)
    .option(
      '--overwrite <pattern>',
      'to a Git server: refs that may be replaced, as refs/heads/*; may be given again',
      collect,
      [],
    )
    .option(
      '--create',
      'to CodeCommit or CodeArtifact: make the repository first, with the settings that it had',
      false,
    )
    .option('--region <region>', 'to CodeArtifact: of the target; without it, the one that the packages came from')
    .option('--domain-owner <account>', "to CodeArtifact: the account that owns the target's domain; without it, yours")
    .option('--concurrency <n>', 'packages: how many at once', wholeNumber, 4)
    .option('--git-endpoint <url>', 'to CodeCommit: where Git is served, for a VPC endpoint without private DNS')
    .option('--token-file <file>', 'to GitHub: read the token from a file instead of GITHUB_TOKEN')
    .option('--secret [name]', 'to GitHub: read the token from this Secrets Manager secret')
    .option('--api-url <url>', 'to GitHub Enterprise: https://host/api/v3')
    .option('--stall-seconds <n>', 'the longest silence of a server that is borne', wholeNumber, 60)
    .option('--path <folder>', 'EFS: only this folder of the snapshot')
    .option('--in-place', 'EFS: to where it came from, instead of into a new folder restore-<time>', false)
    .option('--delete', 'EFS, in place: remove what the snapshot does not have; counts first, and asks', false)
    .option('--yes', 'EFS: delete without asking', false)
    .option('--dry-run', 'EFS: only count what would be done', false)
    .addOption(
      new Option('--verify <which>', 'EFS: the restored files whose checksums are compared')
        .choices(['sample', 'all'])
        .default('sample'),
    )
    .option('--no-follow', 'EFS: do not wait for its end')
    .action(
      run<RestoreFlags>(async (context, flags, item) =>
        (await import('./commands/restore.ts')).restore(context, flags, item),
      ),
    );
  withCommonOptions(program.command('copy').description('stream one repository straight into another, one way'))
    .argument('<repository>', 'URL or folder')
    .requiredOption('--to <target>', 'URL or folder of the repository that gets what the other has more')
    .option('--refs <pattern>', 'as for backup; may be given again', collect, [])
    .option('--force <pattern>', 'refs that may move other than forward; may be given again', collect, [])
    .option('--git-endpoint <url>', 'at CodeCommit: where Git is served, for a VPC endpoint without private DNS')
    .option('--token-file <file>', 'for GitHub: read the token from a file instead of GITHUB_TOKEN')
    .option('--secret [name]', 'for GitHub: read the token from this Secrets Manager secret')
    .option('--api-url <url>', 'for GitHub Enterprise: https://host/api/v3')
    .option('--stall-seconds <n>', 'the longest silence of a server that is borne', wholeNumber, 60)
    .action(
      run<CopyFlags>(async (context, flags, repository) =>
        (await import('./commands/copy.ts')).copy(context, flags, repository),
      ),
    );
  withCommonOptions(
    program
      .command('prune')
      .description('remove what killed backups left behind and, where it is said what to keep, older snapshots'),
  )
    .option('--keep-last <n>', 'keep the newest of each item (3, once anything else is said)', wholeNumber)
    .option('--keep-days <n>', 'keep everything younger', wholeNumber)
    .option('--keep-daily <n>', 'keep the newest of each of so many days', wholeNumber)
    .option('--keep-weekly <n>', 'keep the newest of each of so many weeks', wholeNumber)
    .option('--keep-monthly <n>', 'keep the newest of each of so many months', wholeNumber)
    .option('--keep-yearly <n>', 'keep the newest of each of so many years', wholeNumber)
    .option('--leftovers-older-than <days>', 'leftovers only older than this many days', wholeNumber, 7)
    .option('--dry-run', 'only say what would be removed', false)
    .action(run<PruneFlags>(async (context, flags) => (await import('./commands/prune.ts')).prune(context, flags)));
  withDeployment(
    withCommonOptions(program.command('run').description('start the deployed backup of a source now, and follow it')),
  )
    .argument('<source>', 'github, codecommit, codeartifact, or efs/<name>')
    .option('--no-follow', 'do not wait for its end')
    .action(
      run<RunFlags>(async (context, flags, source) => (await import('./commands/run.ts')).run(context, flags, source)),
    );
  withCommonOptions(program.command('backup-item', { hidden: true })).action(
    run<object>(async (context) => (await import('./commands/backup-item.ts')).backupItem(context)),
  );
  withCommonOptions(program.command('efs-task', { hidden: true })).action(
    run<object>(async (context) => (await import('./commands/efs-task.ts')).efsTask(context)),
  );
  withCommonOptions(program.command('doctor').description('check credentials, vault access and versions'))
    .option('--token-file <file>', 'check this token instead of GITHUB_TOKEN')
    .option('--secret [name]', 'check the token in this Secrets Manager secret')
    .option('--api-url <url>', 'GitHub Enterprise: https://host/api/v3')
    .action(run<DoctorFlags>(async (context, flags) => (await import('./commands/doctor.ts')).doctor(context, flags)));
  return program;
}

function withCommonOptions(command: Command): Command {
  return command
    .option('--vault <location>', 'a folder or s3://bucket/prefix; else HOLDFAST_VAULT, else the folder vault')
    .option('--json', 'one JSON object a line, for machines', false)
    .option('--quiet', 'print failures and results only', false)
    .option('--debug', 'print stack traces', false);
}

/** For what is asked of a deployment in AWS. */
function withDeployment(command: Command): Command {
  return command.option('--deployment <name>', 'in AWS: the name that Terraform was given', 'holdfast');
}

function withBackupOptions(command: Command): Command {
  return withCommonOptions(command)
    .option(
      '--refs <pattern>',
      "only refs that match, as refs/heads/*; with ! in front, all but those: '!refs/pull/*'; may be given again",
      collect,
      [],
    )
    .addOption(
      new Option('--format <format>', 'what is stored: bundle (the default), or a mirror in an archive').choices([
        'bundle',
        'tar.gz',
        'zip',
      ]),
    )
    .option('--full', 'a full snapshot even where an incremental one would do', false)
    .option('--longest-chain <n>', 'a full snapshot after this many', wholeNumber, 30)
    .option(
      '--heaviest-chain <times>',
      'a full snapshot when the increments weigh this many times the last full one',
      positiveNumber,
      1,
    )
    .option('--concurrency <n>', 'how many repositories at once', wholeNumber, 4)
    .option('--stall-seconds <n>', 'the longest silence of a server that is borne', wholeNumber, 60);
}

/** Wraps a verb: opens its context, prints its errors, sets the exit code. */
function run<Flags extends object>(verb: Verb<Flags>): (this: Command) => Promise<void> {
  return async function (this: Command): Promise<void> {
    const flags = this.opts<Flags & CommonFlags>();
    const environment = readEnvironment();
    const output = new Output({ ...flags, noColor: environment.noColor });
    const stop = new AbortController();
    const onSignal = (): void => stop.abort(new HoldfastError('Interrupted', 'stopped by Ctrl-C'));
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
    try {
      const { openVault } = await import('#core/vault/storage/open-vault.ts');
      const vault = await openVault(flags.vault ?? environment.vault ?? 'vault');
      process.exitCode = await verb({ vault, output, environment, signal: stop.signal }, flags, ...this.args);
    } catch (error) {
      output.error(error);
      process.exitCode = exitCodeOfError(error);
    } finally {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    }
  };
}
