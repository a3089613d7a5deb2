import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { serveAs, type Bench } from '../bench-context.ts';
import { bytesIn } from '../measure/disk-use.ts';
import type { Contender, Outcome } from '../measure/contender.ts';
import { inTurns } from '../measure/in-turns.ts';
import type { BenchRepository } from '../repositories/bench-repository.ts';
import { requestFile } from '../servers/recordings.ts';
import { contender, type CaseResult } from './case-result.ts';
import { backUpGit, backUpToFolder, client, shell, vaultIn } from './commands.ts';
import { runUnmeasured } from './run-unmeasured.ts';
import { intoS3 } from './s3-contender.ts';

/** It takes minutes and five times the pack in memory beyond this, in bytes of the pack. */
const largestForIsomorphic = 100_000_000;

const rawClient = import.meta.resolve('../clients/raw-client.mjs');
const isomorphicClient = import.meta.resolve('../clients/isomorphic-client.mjs');

/** A first backup of everything, and the other ways to have one. */
export async function fullBackup(bench: Bench, repository: BenchRepository): Promise<CaseResult> {
  const url = await serveAs(bench, repository.name, repository.folder);
  const replayed = url.replace('/live/', '/replay/');
  // The first warms the server's caches, the second records its answer.
  for (const address of [url, replayed]) {
    const folder = join(bench.workspace, 'warm-up');
    await runUnmeasured(folder, backUpToFolder(bench, folder, address));
    await rm(folder, { recursive: true });
  }
  const contenders = [
    intoFolder(bench, contender.folder, url),
    cloneAndTar(url),
    raw(bench, contender.raw, repository, url),
    intoS3(bench, contender.s3, backUpGit(url), bench.s3),
    intoFolder(bench, contender.folderReplayed, replayed),
    raw(bench, contender.rawReplayed, repository, replayed),
  ];
  const notes = ['replayed: the server sends a recorded answer, so that hardly more than the client is measured'];
  if (bench.options.quick) notes.push('isomorphic-git: left out, since it alone takes longer than all the rest');
  else if (repository.packBytes <= largestForIsomorphic) {
    contenders.splice(2, 0, isomorphic(url));
    notes.push('isomorphic-git: branches and tags only');
  } else notes.push(`isomorphic-git: left out above ${largestForIsomorphic / 1e6} MB, where it takes minutes`);
  const rows = await inTurns(contenders, bench.options.runs, bench.workspace);
  return { case: 'full', repository, rows, notes };
}

function intoFolder(bench: Bench, name: string, url: string): Contender {
  return {
    name,
    command: (folder) => backUpToFolder(bench, folder, url),
    inspect: async (folder) => {
      const everything = await bytesIn(folder);
      const stored = await bytesIn(vaultIn(folder));
      return { stored, left: everything - stored };
    },
  };
}

function cloneAndTar(url: string): Contender {
  return {
    name: contender.cloneTar,
    command: (folder) =>
      shell(folder, 'git clone --quiet --mirror "$1" mirror.git && tar czf mirror.tar.gz mirror.git', [url]),
    inspect: archived,
  };
}

function isomorphic(url: string): Contender {
  const { line } = client(isomorphicClient, '', []);
  return {
    name: contender.isomorphic,
    command: (folder) => shell(folder, '"$1" "$2" "$3" clone && tar czf mirror.tar.gz clone', [...line, url]),
    inspect: archived,
  };
}

function raw(bench: Bench, name: string, { name: repository }: BenchRepository, url: string): Contender {
  const body = requestFile(bench.recordings, `${repository}.git`);
  return {
    name,
    command: (folder) => client(rawClient, folder, [url, body, 'answer']),
    inspect: async (folder) => ({ stored: (await stat(join(folder, 'answer'))).size, left: 0 }),
  };
}

/** The archive is the result; what it was made from is left beside it. */
async function archived(folder: string): Promise<Outcome> {
  const { size } = await stat(join(folder, 'mirror.tar.gz'));
  return { stored: size, left: (await bytesIn(folder)) - size };
}
