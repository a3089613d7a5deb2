import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { holdCampaign } from './hold-campaign.ts';

/**
 * `npm run campaign -- --seconds 600 --seed 7`: faults without end, and whether a snapshot ever lies. Every tenth life
 * is followed by a storm of real processes, of which some are killed; `--storms 0` leaves these out.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    storms: { type: 'string', default: '20' },
  },
});
const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-campaign-'));
try {
  const seed = Number(values.seed);
  const counts = await holdCampaign({
    folder,
    seed,
    untilMs: Date.now() + Number(values.seconds) * 1000,
    livesPerStorm: Number(values.storms) === 0 ? Infinity : Number(values.storms),
    onProgress: (text) => void process.stderr.write(`${text}\n`),
  });
  const { failures, ...numbers } = counts;
  const lines = Object.entries({ seed, ...numbers, failures: failures.length }).map(
    ([name, number]) => `${name.padEnd(10)} ${number.toLocaleString('en')}`,
  );
  process.stdout.write(`${[...lines, ...failures.slice(0, 50).map((failure) => `FAILED  ${failure}`)].join('\n')}\n`);
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
