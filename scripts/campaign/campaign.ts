import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { holdCampaign } from './hold-campaign.ts';

/**
 * `npm run campaign -- --seconds 600 --seed 7`: faults without end, and whether a snapshot ever lies. Every twentieth life,
 * or as `--storms` says, is followed by a storm of real processes, of which some are killed; `--storms 0` leaves these out.
 * `--life` lives a single life again, as a failure names it.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    storms: { type: 'string', default: '20' },
    life: { type: 'string' },
  },
});
const whole = (name: keyof typeof values, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number, not ${text}`);
  return Number(text);
};
const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-campaign-'));
try {
  const seed = whole('seed', values.seed);
  const storms = whole('storms', values.storms);
  const counts = await holdCampaign({
    folder,
    seed,
    untilMs: Date.now() + whole('seconds', values.seconds) * 1000,
    livesPerStorm: storms === 0 ? Infinity : storms,
    ...(values.life === undefined ? {} : { from: whole('life', values.life), mostLives: 1 }),
    onProgress: (text) => void process.stderr.write(`${text}\n`),
  });
  const { failures, ...numbers } = counts;
  const lines = Object.entries({ seed, ...numbers, failures: failures.length }).map(
    ([name, number]) => `${name.padEnd(11)} ${number.toLocaleString('en')}`,
  );
  process.stdout.write(`${[...lines, ...failures.slice(0, 50).map((failure) => `FAILED  ${failure}`)].join('\n')}\n`);
  process.exitCode = failures.length === 0 && counts.judged > 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
