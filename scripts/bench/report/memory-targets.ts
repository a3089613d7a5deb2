import { contender, type CaseResult } from '../cases/case-result.ts';
import { summarise, type Summary } from './summary.ts';
import type { Target } from './target.ts';
import { megabytes, times } from './units.ts';

const ways = [
  { name: contender.folder, limit: 130e6 },
  { name: contender.s3, limit: 190e6 },
  { name: contender.slowS3, limit: 190e6 },
];

interface Peak extends Summary {
  repository: string;
  packBytes: number;
}

/** Memory has a ceiling, and does not grow with the repository. */
export function memoryTargets(results: readonly CaseResult[]): Target[] {
  return ways.flatMap(({ name, limit }) => {
    const peaks = peaksOf(results, name);
    const highest = peaks.toSorted((a, b) => (b.peak ?? 0) - (a.peak ?? 0))[0];
    if (highest?.peak === undefined) return [];
    const ceiling: Target = {
      claim: `${name}: at most ${limit / 1e6} MB of memory`,
      measured: `${megabytes(highest.peak)} MB (${highest.repository})`,
      met: highest.peak <= limit,
    };
    return [ceiling, ...growth(name, peaks)];
  });
}

function peaksOf(results: readonly CaseResult[], name: string): Peak[] {
  return results.flatMap(({ repository, rows }) => {
    const row = rows.find((candidate) => candidate.name === name);
    return row && repository
      ? [{ ...summarise(row), repository: repository.name, packBytes: repository.packBytes }]
      : [];
  });
}

/** From about 50 MB on to the largest. */
function growth(name: string, peaks: readonly Peak[]): Target[] {
  const bySize = peaks.filter((peak) => peak.packBytes > 40e6).sort((a, b) => a.packBytes - b.packBytes);
  const small = bySize[0];
  const large = bySize.at(-1);
  if (!small || !large || small === large) return [];
  const [least = NaN, most = NaN] = [small.medianPeak, large.medianPeak].map((peak) => peak ?? NaN);
  return [
    {
      claim: `${name}: the same memory within 15% for ${megabytes(small.packBytes)} MB and ${megabytes(large.packBytes)} MB`,
      measured: `${megabytes(least)} MB and ${megabytes(most)} MB (${times(most, least)})`,
      met: Math.max(least, most) <= 1.15 * Math.min(least, most),
    },
  ];
}
