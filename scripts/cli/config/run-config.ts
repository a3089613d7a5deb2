import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { interrupted } from '#core/runtime/errors.ts';
import { doesNotApply } from '../applicable.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-codes.ts';
import { count } from '../format.ts';
import { readConfig } from './config-file.ts';
import { stepsOf } from './steps.ts';

export interface RunConfigFlags {
  config: string;
  json: boolean;
  quiet: boolean;
  debug: boolean;
}

/** From the worst on: what one of several commands ended with counts for all of them. */
const worstFirst = [exitCode.damage, exitCode.failed, exitCode.usage, exitCode.partial, exitCode.well];

/**
 * Does what a configuration file says, one command after the other, each as its own process: one that fails stops
 * no other, and the exit code is the worst of all.
 */
export async function runConfig(
  { output, signal, given, onStop }: Context,
  flags: RunConfigFlags,
  verbs: readonly CommandUnknownOpts[],
): Promise<number> {
  for (const option of ['deployment', 'follow']) {
    const flag = given.get(option);
    if (flag !== undefined) throw doesNotApply(flag, 'a configuration file', 'is for a source of a deployment');
  }
  const steps = stepsOf(await readConfig(flags.config), verbs, flags.config);
  const common = [
    ...(flags.json ? ['--json'] : []),
    ...(flags.quiet ? ['--quiet'] : []),
    ...(flags.debug ? ['--debug'] : []),
  ];
  const codes: number[] = [];
  onStop(
    () => `${codes.length} of ${count(steps.length, 'command')} ended before. Run the same command again to go on.`,
  );
  for (const { command, args } of steps) {
    output.line(output.paint('bold', ['holdfast', ...command, ...args].join(' ')));
    const code = await perform([...command, ...common, ...args]);
    if (signal.aborted) throw interrupted(signal);
    codes.push(code);
  }
  return worstFirst.find((code) => codes.includes(code)) ?? exitCode.failed;
}

/** A terminal sends Ctrl-C to both of us, and a signal to this process alone is meant for the other as well. */
const handOnAfterMs = 500;

async function perform(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const ended = new AbortController();
  const handOn = (by: NodeJS.Signals): void => {
    // By then it has heard of what was sent to both, and a second signal would end it at once.
    void sleep(handOnAfterMs, undefined, { signal: ended.signal }).then(
      () => child.connected && child.send(by),
      () => undefined,
    );
  };
  process.on('SIGINT', handOn).on('SIGTERM', handOn);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? exitCode.failed;
  } finally {
    ended.abort();
    process.off('SIGINT', handOn).off('SIGTERM', handOn);
  }
}
