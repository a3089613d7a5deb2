import { serveAs, type Bench } from '../bench-context.ts';
import { inTurns } from '../measure/in-turns.ts';
import type { BenchRepository } from '../repositories/bench-repository.ts';
import { contender, type CaseResult } from './case-result.ts';
import { backUpGit } from './commands.ts';
import { intoS3 } from './s3-contender.ts';

/** A full backup into storage that is slower than the source: once, since it is the memory that matters. */
export async function slowStorage(bench: Bench, repository: BenchRepository): Promise<CaseResult> {
  const url = await serveAs(bench, repository.name, repository.folder);
  const rows = await inTurns([intoS3(bench, contender.slowS3, backUpGit(url), bench.slowS3)], 1, bench.workspace);
  return { case: 'slow', repository, rows, notes: ['the stand-in takes 25 MB a second; one run'] };
}
