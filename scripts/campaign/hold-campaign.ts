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
  mostLives?: number;
  /** After so many lives come real processes. */
  livesPerStorm: number;
  onProgress?: (text: string) => void;
}

/** After so many lives another repository is made. */
const livesPerHistory = 200;

/** Goes on until its time is over, and tells what it has seen. Each failure names the seed of its life. */
export async function holdCampaign(request: CampaignRequest): Promise<Counts> {
  const { folder, seed, untilMs = Infinity, mostLives = Infinity, livesPerStorm, onProgress } = request;
  const counts = noCounts();
  const judge = new Judge();
  let history: History | undefined;
  for (let life = 0; life < mostLives && Date.now() < untilMs; life++) {
    if (!history || life % livesPerHistory === 0) {
      const place = path.join(folder, String(life));
      await mkdir(place);
      history = await History.make(place, new Chance(seed * 1000 + life));
    }
    const before = counts.failures.length;
    const chance = new Chance(seed * 1_000_003 + life);
    await new Life(history.again(), chance, counts, judge).run();
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
