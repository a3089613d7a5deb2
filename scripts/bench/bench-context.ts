import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChildren } from './measure/children.ts';
import type { Options } from './options.ts';
import { makeCertificate } from './servers/certificate.ts';
import { startServer, type ServerProcess } from './servers/server-process.ts';

/** As fast as a home connection is at its best: slower than any source here. */
const slowBytesPerSecond = 25_000_000;

/** What every part of the benchmark works with. */
export interface Bench {
  options: Options;
  /** A folder for whatever is made on the way; removed at the end, however that comes. */
  workspace: string;
  /** The folder that the Git server serves: links to repositories. */
  served: string;
  /** Where the Git server keeps what was asked and answered. */
  recordings: string;
  git: ServerProcess;
  s3: ServerProcess;
  slowS3: ServerProcess;
  /** The file that makes clients trust the S3 stand-ins. */
  certificate: string;
}

export async function openBench(options: Options): Promise<Bench> {
  const workspace = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  process.once('exit', () => {
    endChildren();
    rmSync(workspace, { recursive: true, force: true });
  });
  const served = join(workspace, 'served');
  const recordings = join(workspace, 'recordings');
  await Promise.all([mkdir(served), mkdir(recordings)]);
  const { key, certificate } = await makeCertificate(workspace);
  const nullS3 = new URL('./null-s3.ts', import.meta.url);
  const [git, s3, slowS3] = await Promise.all([
    startServer(new URL('./git-server.ts', import.meta.url), [served, recordings]),
    startServer(nullS3, [key, certificate]),
    startServer(nullS3, [key, certificate, String(slowBytesPerSecond)]),
  ]);
  return { options, workspace, served, recordings, git, s3, slowS3, certificate };
}

export async function closeBench({ git, s3, slowS3 }: Bench): Promise<void> {
  await Promise.all([git.stop(), s3.stop(), slowS3.stop()]);
}

/**
 * Puts a folder behind a URL of the Git server, in place of what was there.
 * @param way the first segment of the URL's path, which tells nothing of the repository
 */
export async function serveAs(bench: Bench, name: string, folder: string, way = 'live'): Promise<string> {
  const link = join(bench.served, `${name}.git`);
  await rm(link, { force: true });
  await symlink(folder, link);
  return `${bench.git.url}/${way}/${name}.git`;
}
