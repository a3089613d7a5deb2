import type { Bench } from '../bench-context.ts';
import { plainEnvironment } from '../measure/environment.ts';
import { inTurns } from '../measure/in-turns.ts';
import { contender, type CaseResult } from './case-result.ts';
import { holdfast } from './commands.ts';

/** So short a time needs many runs. */
const runs = 15;

/** How soon the command line answers, beside the time that Node itself takes. */
export async function startup(bench: Bench): Promise<CaseResult> {
  const contenders = [
    { name: contender.help, command: (folder: string) => holdfast(bench, folder, ['--help']) },
    {
      name: contender.node,
      command: () => ({ line: [process.execPath, '-e', '0'] as const, environment: plainEnvironment() }),
    },
  ];
  const rows = await inTurns(contenders, runs, bench.workspace);
  return { case: 'startup', rows, notes: [`${runs} runs`] };
}
