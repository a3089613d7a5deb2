import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { say } from '../say.ts';
import type { Contender, Row } from './contender.ts';
import { measureProcess } from './measure-process.ts';

/**
 * Runs the contenders one after the other, and that `runs` times over, so that whatever else the machine does hits
 * all of them alike. Each run has an empty folder, which is removed afterwards.
 */
export async function inTurns(contenders: readonly Contender[], runs: number, workspace: string): Promise<Row[]> {
  const rows = contenders.map(({ name }): Row => ({ name, samples: [] }));
  for (let run = 0; run < runs; run++) {
    for (const [at, contender] of contenders.entries()) {
      const folder = await mkdtemp(join(workspace, 'run-'));
      await mkdir(join(folder, 'tmp'));
      await contender.prepare?.(folder);
      // What the run before has written shall not be on its way to the disk during this one.
      spawnSync('sync');
      const cost = await measureProcess(contender.command(folder), folder);
      const outcome = await contender.inspect?.(folder);
      rows[at]?.samples.push({ ...cost, ...outcome });
      say(`${contender.name}: ${cost.wall.toFixed(2)} s`);
      await rm(folder, { recursive: true, force: true });
    }
  }
  return rows;
}
