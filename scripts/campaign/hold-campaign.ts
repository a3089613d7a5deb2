import path from 'node:path';
import { mkdir } from 'node:fs/promises';
import { Chance } from './chance.ts';
import { noCounts, type Counts } from './counts.ts';
import { History } from './history.ts';
import { Judge } from './judge.ts';
import { Life } from './life.ts';
import { storm } from './storm.ts';

export interface CampaignRequest {
  /** An empty one. */
  folder: string;
  seed: number;
  untilMs?: number;
  /** The first life, as a failure names it; the first of all by default. */
  from?: number;
  mostLives?: number;
  /** After so many lives come real processes. */
  livesPerStorm: number;
  onProgress?: (text: string) => void;
}

/** After so many lives other repositories are made. */
const livesPerHistory = 200;

/** Every so many lives, the repository is the one with the long list of refs, which takes longer to be judged. */
const livesPerWide = 5;

/** Goes on until its time is over, and tells what it has seen. Each failure names the seed of its life. */
export async function holdCampaign(request: CampaignRequest): Promise<Counts> {
  const { folder, seed, untilMs = Infinity, from = 0, mostLives = Infinity, livesPerStorm, onProgress } = request;
  const counts = noCounts();
  const judge = new Judge();
  const histories = new Map<boolean, { era: number; history: History }>();
  for (let life = from; life < from + mostLives && Date.now() < untilMs; life++) {
    const era = Math.floor(life / livesPerHistory);
    const wide = life % livesPerWide === livesPerWide - 1;
    let current = histories.get(wide);
    if (current?.era !== era) {
      const place = path.join(folder, `${era}${wide ? '-wide' : ''}`);
      await mkdir(place);
      const chance = new Chance(seed * 1000 + era * livesPerHistory + Number(wide));
      current = { era, history: await History.make(place, chance, { wide }) };
      histories.set(wide, current);
    }
    const before = counts.failures.length;
    const chance = new Chance(seed * 1_000_003 + life);
    await new Life(current.history.again(), chance, counts, judge).run();
    if (life % livesPerStorm === livesPerStorm - 1) await storm(chance, counts, judge);
    counts.restored = judge.restored;
    for (let at = before; at < counts.failures.length; at++)
      counts.failures[at] = `seed ${seed}, life ${life}: ${counts.failures[at] ?? ''}`;
    if (life % 100 === 99)
      onProgress?.(
        `${counts.trials} trials, ${counts.faults} faults, ${counts.judged} judged, ${counts.failures.length} failures`,
      );
  }
  return counts;
}
