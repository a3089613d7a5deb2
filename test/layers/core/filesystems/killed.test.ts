import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { describeTree, differences, type TreeDescription } from './describe-tree.ts';
import { describeCopies } from './needs.ts';
import { snapshotName, useWorld } from './world.ts';

const kills = 200;
const retain = 3;

describeCopies('a backup that is killed', () => {
  const world = useWorld();

  it(`leaves no wrong snapshot behind, ${kills} times at random moments`, async function () {
    this.timeout(600_000);
    const seed = Number(process.env['HOLDFAST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    const random = randomFrom(seed);
    const { folder, source, tree, snapshots, series } = world();
    const program = await bundle(folder);
    fill(source);
    const seen = new Map<string, TreeDescription>();
    let number = 0;
    let known = 0;
    let longest = 1500;
    try {
      for (let killed = 0; killed < kills;) {
        change(source, ++number, random);
        const name = snapshotName(number);
        seen.set(name, describeTree(source, { attributes: false }));
        const mayEnd = killed % 20 === 19;
        const began = performance.now();
        const child = spawn(process.execPath, [program, folder, String(number), String(retain)], {
          // All of it is killed at once, as when an instance is lost.
          detached: true,
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
        if (!mayEnd) {
          await Promise.race([pause(random() * longest), ended]);
          try {
            process.kill(-child.pid!, 'SIGKILL');
          } catch {
            // It was faster.
          }
        }
        const [code, by] = await ended;
        if (by === 'SIGKILL') killed++;
        else {
          expect(code, 'the exit code of a run that was left alone').to.equal(0);
          longest = performance.now() - began;
          if (mayEnd) killed++;
        }
        const visible = await snapshots();
        if (code === 0) expect(visible).to.include(name);
        expect(visible.length, 'what is kept').to.be.at.least(Math.min(retain, known));
        known = visible.length;
        if (visible.includes(name)) await isWhole(name);
        if (mayEnd) for (const old of visible) await isWhole(old);
      }
      expect(await snapshots()).to.have.length(retain);
    } catch (error) {
      throw new Error(`with HOLDFAST_SEED=${seed}, at ${number}`, { cause: error });
    }

    async function isWhole(name: string): Promise<void> {
      expect(existsSync(join(series, name, 'manifest.json')), `the manifest of ${name}`).to.equal(true);
      const found = describeTree(await tree(name), { attributes: false });
      expect(differences(seen.get(name)!, found), name).to.deep.equal([]);
    }
  });
});

/** One file, so that Node alone starts it, in a tenth of the time. */
async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, 'child.mjs');
  const entry = fileURLToPath(new URL('../../../support/efs-backup-child.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  return outfile;
}

function fill(source: string): void {
  for (let number = 0; number < 120; number++) {
    const inner = join(source, `folder-${number % 12}`);
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, `file-${number}`), `content ${number}`);
  }
}

/** Some of everything: the same files come and go, so that unfinished copies hold old versions of them. */
function change(source: string, number: number, random: () => number): void {
  const at = (): string => join(source, `folder-${Math.floor(random() * 12)}`);
  for (let times = 0; times < 4; times++) {
    const name = join(at(), `file-${Math.floor(random() * 10)}`);
    mkdirSync(join(name, '..'), { recursive: true });
    if (random() < 0.2) rmSync(name, { recursive: true, force: true });
    else {
      writeFileSync(name, `content ${number} ${random()}`);
      chmodSync(name, random() < 0.5 ? 0o600 : 0o644);
    }
  }
  const [from, to] = [at(), join(source, `moved-${number}`)];
  if (random() < 0.1 && existsSync(from)) renameSync(from, to);
}

/** https://en.wikipedia.org/wiki/Xorshift */
function randomFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
