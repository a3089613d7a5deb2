import { setTimeout as sleep } from 'node:timers/promises';
import { readReport } from '#core/run/read-reports.ts';
import { HoldfastError, interrupted } from '#core/runtime/errors.ts';
import { definitionOf, parseSource } from '#core/sources/table.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';
import { doesNotApply } from '../../applicable.ts';
import type { Context } from '../../context.ts';
import { isEfs } from '../../efs/is-efs.ts';
import { consoleLink, Executions, type ExecutionState } from '../../executions.ts';
import { exitCode, exitCodeOfRun } from '../../exit-codes.ts';
import { count } from '../../format.ts';
import { printReport } from '../../print-report.ts';
import type { RunFlags } from './options.ts';
import type { RunEvent } from './events.ts';

/** How often the execution is looked at. */
const pollMs = 2_000;

/** Starts the deployed run of a source, follows it, and says what its report says. */
export async function run(context: Context, flags: RunFlags, text: string): Promise<number> {
  const config = context.given.get('config');
  if (config !== undefined)
    throw doesNotApply(config, 'a source of a deployment', 'names the file of a machine without one');
  if (isEfs(text)) return (await import('../../efs/run.ts')).runEfs(context, flags, text);
  const { output, signal, onStop } = context;
  const source = parseSource(text);
  const { label, deployed } = definitionOf(source) ?? {};
  if (!deployed)
    throw new HoldfastError('Usage', `${label ?? source} have no deployed backup`, {
      advice: `holdfast backup ${source} backs them up from here.`,
    });
  const executions = new Executions();
  try {
    const execution = await executions.start(await executions.find(`${flags.deployment}-${source}`), source);
    output.event<RunEvent>({ event: 'started', execution, console: consoleLink(execution) });
    output.line(`started; watch it at ${consoleLink(execution)}`);
    onStop(() => 'The run continues in AWS; only the watching has ended.');
    if (!flags.follow) return exitCode.well;
    const ended = await follow(context, executions, execution, signal);
    return await tellEnd(context, ended);
  } finally {
    executions.close();
  }
}

async function follow(
  { output }: Context,
  executions: Executions,
  execution: string,
  signal: AbortSignal,
): Promise<ExecutionState> {
  let progress: ReturnType<typeof output.progress> | undefined;
  let done = 0;
  try {
    for (;;) {
      const state = await executions.look(execution);
      if (state.items && state.items.total > 0) {
        progress ??= output.progress(state.items.total);
        for (; done < state.items.done; done++) progress.finish('');
      }
      if (state.status !== 'RUNNING') return state;
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
      // The run goes on in AWS; only the looking ends.
      if (signal.aborted) throw interrupted(signal);
    }
  } finally {
    progress?.stop();
  }
}

async function tellEnd({ output }: Context, { status, said }: ExecutionState): Promise<number> {
  const place = /s3:\/\/[^\s"]+\/report\.json/.exec(said)?.[0];
  if (place === undefined) {
    throw new HoldfastError('Unavailable', `the execution ended ${status}: ${said}`, {
      advice: 'The console shows which step failed.',
    });
  }
  const at = place.lastIndexOf('/runs/');
  const vault = await openVault(place.slice(0, at));
  const report = await readReport(vault, place.slice(at + 1));
  printReport(output, report, place);
  if (status !== 'SUCCEEDED' && report.result === 'complete')
    output.result(`${count(1, 'step')} after the report failed: the execution ended ${status}`);
  return report.result === 'complete' && status !== 'SUCCEEDED' ? exitCode.failed : exitCodeOfRun(report.result);
}
