import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { readEnvironment } from '#core/runtime/environment.ts';
import { HoldfastError, hasCode, messageOf } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';
import type { GivenOptions } from './applicable.ts';
import type { Context } from './context.ts';
import { exitCode, exitCodeOfError } from './exit-codes.ts';
import { handOn } from './hand-on.ts';
import { Output } from './output.ts';
import { outputLost, outputTried, tellLoss } from './standard-streams.ts';
import { Stopping } from './stopping.ts';
import { systemError } from './system-error.ts';

interface CommonFlags {
  vault?: string;
  json: boolean;
  quiet: boolean;
  debug: boolean;
}

/**
 * How long a verb may take to wind down once it was asked to stop, in milliseconds. One that prints what it finds can
 * end at any moment, and has nothing left to do once its output is not read any more. One that checks leaves nothing half done. One
 * that changes something stores what it has done so far; should that take too long, nothing is damaged. One that reads
 * first (`changesLater`) is one that checks until it has said what is kept. One that starts such commands waits for them.
 */
const windDownMs = { prints: 0, checks: 2_000, changes: 15_000, starts: 20_000 };

/** Runs a verb: opens its context, prints its errors, sets the exit code of the process. */
export async function perform(
  command: CommandUnknownOpts,
  flags: CommonFlags,
  act: (context: Context) => Promise<number>,
  kind: keyof typeof windDownMs | 'changesLater' = 'changes',
): Promise<void> {
  const environment = readEnvironment();
  const output = new Output({ ...flags, noColor: environment.noColor, dumb: environment.dumbTerminal });
  const stopping = new Stopping();
  // Every transfer that is under way listens, and there may be many.
  setMaxListeners(0, stopping.signal);
  let kept: (() => string) | undefined;
  const onStop = (say: () => string): void => void (kept = say);
  let settled = false;
  /** Where the verb does not end by itself. */
  const end = (code: number): never => process.exit(code);
  const interrupted = (cause?: unknown): HoldfastError =>
    new HoldfastError('Interrupted', stopping.error().message, { cause, advice: kept?.() });

  void stopping.asked().then(async () => {
    if (kind !== 'prints') output.hint('Stopping … Ctrl-C again ends at once.');
    // It keeps no process alive that has wound down.
    const now = kind === 'changesLater' ? (kept ? 'changes' : 'checks') : kind;
    await sleep(windDownMs[now], undefined, { ref: false });
    if (settled) return;
    output.error(interrupted());
    end(stopping.exitCode(exitCode.interrupted));
  });
  if (kind === 'prints') void outputLost().then(() => end(tellLoss(output) ? exitCode.failed : exitCode.well));

  try {
    const { openVault } = await import('#core/vault/storage/open-vault.ts');
    const usesVault = command.options.some((option) => option.long === '--vault');
    const location = usesVault ? (flags.vault ?? environment.vault ?? 'vault') : 'vault';
    const vault = await openVault(location, { elsewhere: true });
    // Others that are at work here keep theirs; what cannot be removed is somebody else's.
    if (kind !== 'prints') {
      const { clearScratch } = await import('#core/runtime/scratch.ts');
      await clearScratch().catch(() => undefined);
    }
    const context = { vault, output, environment, signal: stopping.signal, given: givenTo(command), onStop };
    process.exitCode = stopping.exitCode(await act(context));
  } catch (error) {
    const explained = await stopping.explain(systemError(error));
    output.error(hasCode(explained, 'Interrupted') ? interrupted(explained.cause) : explained);
    const code = explained instanceof HoldfastError ? explained.code : 'Unexpected';
    handOn({ failure: { code, message: mask(messageOf(explained)) } });
    process.exitCode = stopping.exitCode(exitCodeOfError(explained));
  } finally {
    settled = true;
    stopping.release();
    output.close();
    await outputTried();
    tellLoss(output);
  }
}

/** The options that the caller wrote; what only has its default is not among them. */
function givenTo(command: CommandUnknownOpts): GivenOptions {
  const given = command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
  return new Map(given.map((option) => [option.attributeName(), option.long ?? option.flags]));
}
