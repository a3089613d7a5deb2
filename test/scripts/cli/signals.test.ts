import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { collect, holdfast, startHoldfast } from '../../support/command-line.ts';
import { listen } from '../../support/http-listener.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

const launcher = fileURLToPath(new URL('../../../scripts/cli/launch.mjs', import.meta.url));

describe('holdfast: signals', () => {
  const folder = useTemporaryFolders();
  let place: string;

  before(async () => {
    place = await folder();
    await createRepository(path.join(place, 'one'), { commits: 3 });
    const { code } = await holdfast(['backup', 'git', 'one'], { cwd: place });
    expect(code).to.equal(0);
  });

  /** A git that knows its version and otherwise never ends, as index-pack of a large repository seems to. */
  async function endlessGit(): Promise<{ PATH: string; begun: () => Promise<void> }> {
    const bin = await folder();
    const mark = path.join(bin, 'begun');
    const program = `#!/bin/sh\ncase "$*" in *--version*) echo git version 2.40.0; exit;; esac\n: > '${mark}'\nexec sleep 20\n`;
    await writeFile(path.join(bin, 'git'), program, { mode: 0o755 });
    return {
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      begun: async () => {
        while (!existsSync(mark)) await sleep(50);
      },
    };
  }

  /** Stops a verb while it waits for git. */
  async function stopped(
    args: string[],
    signal: NodeJS.Signals,
    whole: boolean,
  ): Promise<{ code: number | null; stderr: string }> {
    const { PATH, begun } = await endlessGit();
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd: place,
      env: { PATH, HOME: '/nonexistent' },
      // A group of its own, as a shell gives to what it runs: Ctrl-C goes to all of it.
      detached: true,
    });
    const output = collect(child);
    child.stdin.end();
    const ended = once(child, 'close') as Promise<[number | null]>;
    await begun();
    process.kill(whole ? -child.pid! : child.pid!, signal);
    const [code] = await ended;
    return { code, stderr: output().stderr };
  }

  for (const [name, signal, whole, code, by] of [
    ['Ctrl-C, which git hears as well', 'SIGINT', true, 130, 'Ctrl-C'],
    ['a SIGINT to Holdfast alone', 'SIGINT', false, 130, 'Ctrl-C'],
    ['SIGTERM', 'SIGTERM', false, 143, 'SIGTERM'],
    ['a SIGTERM to the whole group', 'SIGTERM', true, 143, 'SIGTERM'],
  ] as const) {
    it(`ends a restore by ${name} with ${code}, and says what is kept`, async () => {
      const ended = await stopped(['restore', 'one', '--to', `new-${signal}-${whole}`], signal, whole);
      expect(ended.stderr).to.equal(
        `error: stopped by ${by}\n  What was restored is kept in new-${signal}-${whole}.holdfast-partial. Run the same command again to go on.\n`,
      );
      expect(ended.code).to.equal(code);
    });

    it(`ends a drill by ${name} with ${code}`, async () => {
      const ended = await stopped(['drill', 'one'], signal, whole);
      expect(ended.stderr).to.equal(
        `error: stopped by ${by}\n  0 of 1 snapshot drilled; what was found is kept in the vault.\n`,
      );
      expect(ended.code).to.equal(code);
    });
  }

  for (const verb of [['list'], ['show', 'x'], ['verify'], ['drill'], ['doctor']])
    it(`ends ${verb[0]} with 130 while storage is silent`, async () => {
      let onAsked: () => void;
      const asked = new Promise<void>((resolve) => (onAsked = resolve));
      const silent = await listen(() => {
        onAsked();
        return Promise.resolve();
      });
      const child = startHoldfast([...verb, '--vault', 's3://bucket/prefix'], {
        cwd: place,
        env: {
          AWS_ENDPOINT_URL: silent.url,
          AWS_REGION: 'eu-central-1',
          AWS_ACCESS_KEY_ID: 'a',
          AWS_SECRET_ACCESS_KEY: 'b',
        },
      });
      const output = collect(child);
      await asked;
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number | null];
      await silent.close();
      expect(output().stderr).to.match(/^error: stopped by Ctrl-C\n/);
      expect(code).to.equal(130);
    });

  it('removes what a killed process left in the temporary folder, before it does anything else', async () => {
    const temporary = path.join(await folder(), 'tmp');
    await mkdir(temporary);
    const { PATH, begun } = await endlessGit();
    const child = startHoldfast(['drill', 'one'], { cwd: place, env: { TMPDIR: temporary, PATH } });
    await begun();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(temporary)).to.have.length(1);
    const { code } = await holdfast(['verify'], { cwd: place, env: { TMPDIR: temporary } });
    expect(code).to.equal(0);
    expect(await readdir(temporary)).to.deep.equal([]);
  });

  it('warns of no leak of listeners, however large what is sent to a folder', async () => {
    await createRepository(path.join(place, 'large'), { commits: 1, files: { 'data.bin': noise(6_000_000) } });
    await createRepository(path.join(place, 'target'), { commits: 0 });
    await holdfast(['backup', 'git', 'large'], { cwd: place });
    const { code, stderr } = await holdfast(['restore', 'large', '--to', `file://${place}/target`], { cwd: place });
    expect(stderr).to.equal('');
    expect(code).to.equal(0);
  });
});

/** Text that does not compress away, the same each time. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (state % 94));
  }).join('');
}
