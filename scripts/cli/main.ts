import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { backupItemCommand } from './commands/backup-item/command.ts';
import { backupCommand } from './commands/backup/command.ts';
import { catCommand } from './commands/cat/command.ts';
import { completionCommand } from './commands/completion/command.ts';
import { copyCommand } from './commands/copy/command.ts';
import { diffCommand } from './commands/diff/command.ts';
import { doctorCommand } from './commands/doctor/command.ts';
import { drillCommand } from './commands/drill/command.ts';
import { efsTaskCommand } from './commands/efs-task/command.ts';
import { evidenceCommand } from './commands/evidence/command.ts';
import { exportCommand } from './commands/export/command.ts';
import { findCommand } from './commands/find/command.ts';
import { listCommand } from './commands/list/command.ts';
import { lsCommand } from './commands/ls/command.ts';
import { pruneCommand } from './commands/prune/command.ts';
import { reportCommand } from './commands/report/command.ts';
import { restoreCommand } from './commands/restore/command.ts';
import { runCommand } from './commands/run/command.ts';
import { runsCommand } from './commands/runs/command.ts';
import { settingsCommand } from './commands/settings/command.ts';
import { showCommand } from './commands/show/command.ts';
import { statsCommand } from './commands/stats/command.ts';
import { statusCommand } from './commands/status/command.ts';
import { verifyCommand } from './commands/verify/command.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { hasTokenForm, keepLoginIn } from '#core/runtime/redact.ts';
import { exitCode } from './exit-codes.ts';
import { argumentsAreUtf8 } from './arguments-are-utf8.ts';
import { cleanErrors, register } from './group.ts';
import { Output } from './output.ts';
import { outliveStandardStreams, outputTried, tellLoss } from './standard-streams.ts';
import { describeVersion } from './version.ts';

/** By their names, in the order of the help. */
const verbs: Record<string, () => CommandUnknownOpts> = {
  backup: backupCommand,
  status: statusCommand,
  list: listCommand,
  show: showCommand,
  ls: lsCommand,
  cat: catCommand,
  diff: diffCommand,
  find: findCommand,
  export: exportCommand,
  verify: verifyCommand,
  drill: drillCommand,
  restore: restoreCommand,
  copy: copyCommand,
  run: runCommand,
  runs: runsCommand,
  report: reportCommand,
  evidence: evidenceCommand,
  stats: statsCommand,
  prune: pruneCommand,
  settings: settingsCommand,
  doctor: doctorCommand,
  completion: completionCommand,
};

/** What a deployment starts; people do not. */
const internalVerbs: typeof verbs = { 'backup-item': backupItemCommand, 'efs-task': efsTaskCommand };

/** Runs the command line and sets the process's exit code. */
export async function main(args: readonly string[]): Promise<void> {
  outliveStandardStreams();
  if (!argumentsAreUtf8()) {
    errorsOnly(args).error(
      new HoldfastError('Usage', 'an argument is not valid UTF-8, so the name that was meant is not known', {
        advice:
          'A ref is written as holdfast show prints it. A folder must be renamed, unless the terminal is not set to UTF-8.',
      }),
    );
    process.exitCode = exitCode.usage;
    return;
  }
  for (const text of valuesOf(args)) keepLoginIn(text);
  if (valuesOf(args).some(hasTokenForm)) {
    errorsOnly(args).error(
      new HoldfastError('Usage', 'an argument looks like a token: never give a secret on the command line', {
        advice: 'Put it into the environment, a file or a secret, and replace it: your shell may keep what you typed.',
      }),
    );
    process.exitCode = exitCode.usage;
    return;
  }
  try {
    await commandLine(args[0]).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitCode.well : exitCode.usage;
    // Help or version, which were all that was asked for.
    await outputTried();
    if (tellLoss(errorsOnly(args)) && error.exitCode === 0) process.exitCode = exitCode.failed;
  }
}

/** For what is wrong before a verb has read its options. */
function errorsOnly(args: readonly string[]): Output {
  return new Output({ json: args.includes('--json'), quiet: false, debug: false, noColor: false, dumb: true });
}

/** Arguments, and the values of options that are written as `--name=value`. */
function valuesOf(args: readonly string[]): string[] {
  return args.flatMap((argument) => [argument, argument.slice(argument.indexOf('=') + 1)]);
}

/** Verbs that read what others take. */
const readers = new Set(['completion', 'run']);

/**
 * The program as it parses, helps and completes.
 * @param first the first argument: a verb that it names stands alone, since to make all of them takes longer than most of
 * them take to start. The version needs none.
 */
export function commandLine(first = ''): CommandUnknownOpts {
  const alone = first === '--version' || (Object.hasOwn({ ...verbs, ...internalVerbs }, first) && !readers.has(first));
  const program = new Command('holdfast')
    .description(
      'Backs up repositories, packages and file systems into storage that you own, proves the copies, and restores them.',
    )
    .version(describeVersion())
    .exitOverride()
    .showHelpAfterError('(holdfast --help shows what there is)')
    .addHelpText(
      'after',
      '\nExit codes: 0 all well, 1 failed, 2 usage, 3 partial, 4 damage found,\n130 stopped by Ctrl-C, 143 by SIGTERM.',
    );
  cleanErrors(program);
  for (const [name, verb] of Object.entries(verbs))
    if (!alone || name === first) register(program, verb(), commandLine);
  for (const [name, verb] of Object.entries(internalVerbs))
    if (!alone || name === first) register(program, verb(), commandLine, true);
  return program;
}
