import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { withoutAddresses } from '#core/notifications/addresses.ts';
import { beat } from '#core/notifications/deliver.ts';
import { interrupted } from '#core/runtime/errors.ts';
import { doesNotApply } from '../applicable.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-codes.ts';
import type { RunEvent } from '../commands/run/events.ts';
import { count } from '../format.ts';
import { parseHandedOn, type HandedOn } from './handed-on.ts';
import { readConfig } from './config-file.ts';
import { addressesFor, tellOfStep } from './notify.ts';
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
  { output, signal, given, onStop, environment }: Context,
  flags: RunConfigFlags,
  verbs: readonly CommandUnknownOpts[],
): Promise<number> {
  for (const option of ['deployment', 'follow']) {
    const flag = given.get(option);
    if (flag !== undefined) throw doesNotApply(flag, 'a configuration file', 'is for a source of a deployment');
  }
  const config = await readConfig(flags.config);
  const steps = stepsOf(config, verbs, flags.config);
  const addresses = await addressesFor(config.notify ?? {}, environment, flags.config);
  const complain = (warnings: readonly string[]): void => {
    for (const message of warnings) {
      output.event<RunEvent>({ event: 'undelivered', message });
      output.result(`${output.paint('yellow', 'note')}  ${message}`);
    }
  };
  const common = [
    ...(flags.json ? ['--json'] : []),
    ...(flags.quiet ? ['--quiet'] : []),
    ...(flags.debug ? ['--debug'] : []),
  ];
  const codes: number[] = [];
  onStop(
    () => `${codes.length} of ${count(steps.length, 'command')} ended before. Run the same command again to go on.`,
  );
  for (const step of steps) {
    const { command, args } = step;
    output.line(output.paint('bold', ['holdfast', ...command, ...args].join(' ')));
    const started = new Date();
    const { code, said } = await perform([...command, ...common, ...args]);
    if (signal.aborted) throw interrupted(signal);
    codes.push(code);
    complain(await tellOfStep(addresses, { step, code, started, said }, config.notify?.success === true));
  }
  const worst = worstFirst.find((code) => codes.includes(code)) ?? exitCode.failed;
  complain(await beat(addresses.of(undefined), { of: 'run', well: worst === exitCode.well }));
  return worst;
}

/** A terminal sends Ctrl-C to both of us, and a signal to this process alone is meant for the other as well. */
const handOnAfterMs = 500;

/** @returns the exit code, and what the command has handed on last of how it went */
async function perform(args: readonly string[]): Promise<{ code: number; said: HandedOn | undefined }> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // It sends nothing itself.
    env: withoutAddresses(process.env),
  });
  let said: HandedOn | undefined;
  child.on('message', (message) => (said = parseHandedOn(message) ?? said));
  // By then all that it has handed on is here, which its exit alone does not say.
  const silent = once(child, 'disconnect');
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
    const [[code]] = (await Promise.all([once(child, 'close'), silent])) as [[number | null], unknown];
    return { code: code ?? exitCode.failed, said };
  } finally {
    ended.abort();
    process.off('SIGINT', handOn).off('SIGTERM', handOn);
  }
}
