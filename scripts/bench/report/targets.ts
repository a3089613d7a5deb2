import { accountSize } from '../cases/unchanged.ts';
import { contender, type CaseResult } from '../cases/case-result.ts';
import type { BenchRepository } from '../repositories/bench-repository.ts';
import { memoryTargets } from './memory-targets.ts';
import { summarise, type Summary } from './summary.ts';
import type { Target } from './target.ts';
import { megabytes, milliseconds, seconds, times } from './units.ts';

/** All claims about which these results say something. */
export function targets(results: readonly CaseResult[], quick: boolean): Target[] {
  return [...results.flatMap((result) => targetsOf(result, quick)), ...memoryTargets(results)];
}

function targetsOf(result: CaseResult, quick: boolean): Target[] {
  const row = (name: string): Summary | undefined => {
    const found = result.rows.find((candidate) => candidate.name === name);
    return found && summarise(found);
  };
  switch (result.case) {
    case 'full':
      return result.repository ? fullTargets(result.repository, row) : [];
    case 'restore':
      return restoreTargets(result, row);
    case 'startup':
      return startupTargets(row);
    case 'unchanged':
      return accountTargets(accountSize(quick), row);
    case 'packages':
      return packageTargets(result);
    case 'account':
    case 'slow':
    case 'incremental':
      return [];
  }
}

type Rows = (name: string) => Summary | undefined;

function fullTargets(repository: BenchRepository, row: Rows): Target[] {
  const { name } = repository;
  const ours = row(contender.folder);
  const clone = row(contender.cloneTar);
  const found: Target[] = [];
  if (!ours) return found;
  const factor = wallFactor(repository);
  if (clone && factor !== undefined) {
    found.push({
      claim: `${name}: at least ${factor}× faster than clone + tar`,
      measured: `${times(clone.wall, ours.wall)} (${seconds(ours.wall)} s against ${seconds(clone.wall)} s)`,
      met: clone.wall / ours.wall >= factor,
    });
    found.push({
      claim: `${name}: at least 20× less client CPU than clone + tar`,
      measured: `${times(clone.cpu, ours.cpu)} (${seconds(ours.cpu)} s against ${seconds(clone.cpu)} s)${floor(row(contender.raw))}`,
      met: clone.cpu / ours.cpu >= 20,
    });
  }
  found.push({
    claim: `${name}: nothing on disk but the result`,
    measured: `${megabytes(ours.left)} MB left, ${megabytes(ours.written)} MB written for ${megabytes(ours.stored)} MB stored`,
    met: ours.left === 0 && (ours.written ?? 0) <= 1.05 * (ours.stored ?? 0) + 1e6,
  });
  for (const [us, them, how] of [
    [ours, row(contender.raw), 'the same answer written raw to a file'],
    [row(contender.folderReplayed), row(contender.rawReplayed), 'the same, replayed, without the server’s work'],
  ] as const)
    if (us && them)
      found.push({
        claim: `${name}: within 1.3× of ${how}`,
        measured: `${times(us.wall, them.wall)} (${seconds(us.wall)} s against ${seconds(them.wall)} s)`,
        met: us.wall / them.wall <= 1.3,
      });
  return found;
}

/** What Node.js needs for taking the answer and writing it down, and for nothing else. */
function floor(raw: Summary | undefined): string {
  return raw ? `; the raw answer alone costs ${seconds(raw.cpu)} s` : '';
}

/** How many times faster than clone and tar is claimed; nothing below 10 MB. */
function wallFactor({ kind, packBytes }: BenchRepository): number | undefined {
  if (packBytes < 10e6) return undefined;
  if (kind === 'random') return 6;
  return packBytes < 200e6 ? 4 : 8;
}

function restoreTargets({ repository }: CaseResult, row: Rows): Target[] {
  const ours = row(contender.restore);
  const others = [row(contender.untarPush), row(contender.bundlePush)].filter((other) => other !== undefined);
  if (!ours || others.length === 0) return [];
  const cpu = Math.min(...others.map((other) => other.cpu));
  const wall = Math.min(...others.map((other) => other.wall));
  const name = repository?.name ?? '';
  return [
    {
      claim: `${name}: restore with at least 10× less client CPU than git push --mirror`,
      measured: `${times(cpu, ours.cpu)} (${seconds(ours.cpu)} s against ${seconds(cpu)} s)`,
      met: cpu / ours.cpu >= 10,
    },
    {
      claim: `${name}: restore never slower than git push --mirror`,
      measured: `${seconds(ours.wall)} s against ${seconds(wall)} s`,
      met: ours.wall <= wall,
    },
  ];
}

function startupTargets(row: Rows): Target[] {
  const ours = row(contender.help);
  const node = row(contender.node);
  if (!ours || !node) return [];
  return [
    {
      claim: 'holdfast --help within 150 ms more than node -e 0',
      measured: `${milliseconds(ours.wall - node.wall)} ms more (${milliseconds(ours.wall)} against ${milliseconds(node.wall)})`,
      met: ours.wall - node.wall <= 0.15,
    },
  ];
}

function accountTargets(size: number, row: Rows): Target[] {
  const ours = row(contender.unchanged);
  if (!ours) return [];
  const requests = ours.requests ?? NaN;
  return [
    {
      claim: `${size} unchanged repositories: one request each`,
      measured: `${requests} requests; ${(size / ours.wall).toFixed(0)} repositories a second, ${milliseconds(ours.wall / size)} ms each, ${megabytes(ours.peak)} MB at the peak`,
      met: requests === size,
    },
  ];
}

function packageTargets({ rows, notes }: CaseResult): Target[] {
  return rows.map(summarise).map(({ name, peak = NaN }) => ({
    claim: `packages, ${name}: at most 200 MB of memory`,
    measured: `${megabytes(peak)} MB (${notes[0] ?? ''})`,
    met: peak <= 200e6,
  }));
}
