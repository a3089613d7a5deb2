import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import { median } from '../../scripts/bench/measure/cost.ts';
import { python } from '../support/python.ts';

const run = promisify(execFile);

const runs = 15;

export interface ColdStart {
  name: string;
  /** From the start of the process until the handler is there. */
  milliseconds: number;
  /** Until the first line of a program runs. */
  ofNode: number;
}

/** Unpacks the zips as Lambda would and loads each handler in its own process, with one core where Linux allows. */
export async function coldStarts(dist: string): Promise<ColdStart[]> {
  const place = await mkdtemp(path.join(dist, 'cold-start-'));
  const opt = path.join(place, 'opt');
  await unzip(path.join(dist, 'layer.zip'), opt);
  const oneCore = spawnSync('taskset', ['--version']).status === 0 ? ['taskset', '--cpu-list', '0'] : [];
  const found: ColdStart[] = [];
  for (const zip of (await readdir(path.join(dist, 'functions'))).sort()) {
    const name = path.basename(zip, '.zip');
    const task = path.join(place, name);
    await unzip(path.join(dist, 'functions', zip), task);
    const handler = path.join(task, 'index.mjs');
    // In Lambda the layer is in /opt; here it may not be written to.
    const code = await readFile(handler, 'utf8');
    await writeFile(handler, code.replaceAll('/opt/', `${opt}/`));
    const program = `const begun = performance.now();
      const { handler } = await import(${JSON.stringify(pathToFileURL(handler).href)});
      if (typeof handler !== 'function') throw new Error('no handler');
      console.log(JSON.stringify([begun, performance.now()]));`;
    const line = [...oneCore, process.execPath, '--input-type=module', '--eval', program];
    const times: [number, number][] = [];
    for (let at = 0; at < runs; at++) {
      const { stdout } = await run('env', line, { env: { AWS_REGION: 'eu-central-1' } });
      times.push(JSON.parse(stdout) as [number, number]);
    }
    found.push({
      name,
      milliseconds: median(times.map(([, ready]) => ready)),
      ofNode: median(times.map(([begun]) => begun)),
    });
  }
  return found;
}

/** By Python, which the stand-in for AWS needs anyway. */
async function unzip(zip: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await run(python(), ['-m', 'zipfile', '-e', zip, folder]);
}
