import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { exitOf, feed, runGit, spawnGit } from '#core/git/native.ts';
import { listForPush, packOfNothing, push, type PackSource } from '#core/git/push.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import type { Phase } from '#core/runtime/phase.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { buildMirror } from './build-mirror.ts';
import type { RepositoryContent } from './content.ts';
import { refuseOtherFormat } from './restore-server.ts';

export interface RefRestore {
  target: Transport;
  /** A ref of the snapshot. */
  from: string;
  /** What it is called at the target. */
  to: string;
  dryRun: boolean;
  signal?: AbortSignal | undefined;
  onProgress?: (bytes: number) => void;
  onPhase?: (phase: Phase) => void;
}

/**
 * Brings one ref of a snapshot into a repository that lives on, under a name that it does not have yet. Only objects that
 * the target lacks are sent, and nothing that it has is touched.
 * @returns whether it was there already, at the same object
 * @throws {HoldfastError} NotFound where the snapshot has no such ref; TargetNotEmpty where the name is taken
 */
export async function restoreRef(
  vault: Vault,
  content: RepositoryContent,
  options: RefRestore,
): Promise<'restored' | 'there'> {
  const { target, from, to, dryRun } = options;
  const oid = content.refs.get(from);
  if (oid === undefined) throw new HoldfastError('NotFound', `the snapshot has no ref ${from}`);
  const advertised = await listForPush(target);
  refuseOtherFormat(content, advertised, target);
  const present = advertised.refs.get(to);
  if (present === oid) return 'there';
  if (present !== undefined)
    throw new HoldfastError('TargetNotEmpty', `${target.address} has ${to} already, at ${present.slice(0, 12)}`, {
      advice: 'Give another name by --as.',
    });
  if (dryRun) return 'restored';
  const send = async (pack: PackSource): Promise<void> => {
    const { answers, said } = await push(target, advertised, [{ name: to, from: undefined, to: oid }], pack);
    const answer = answers.get(to);
    if (answer?.ok !== true)
      throw new HoldfastError(
        'RemoteRefused',
        `${target.address} refuses ${to}: ${[answer?.reason, ...said].join('; ')}`,
      );
  };
  const has = new Set(advertised.refs.values());
  if (has.has(oid)) await send(packOfNothing(advertised.objectFormat));
  else
    await withScratchFolder('ref', async (folder) => {
      const mirror = path.join(folder, 'mirror.git');
      await buildMirror(vault, content, mirror, { ...options, indexer: 'native' });
      options.onPhase?.('packing');
      const file = path.join(folder, 'missing.pack');
      await packMissing(mirror, file, oid, has, advertised.capabilities.has('ofs-delta'), options.signal);
      const { size } = await stat(file);
      options.onPhase?.('sending');
      await send({ length: size, chunks: createReadStream(file) as AsyncIterable<Buffer> });
    });
  return 'restored';
}

/** Packs what a ref reaches and the target does not have. */
async function packMissing(
  mirror: string,
  file: string,
  oid: string,
  has: ReadonlySet<string>,
  offsetDeltas: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const known = await amongThese(mirror, has);
  const args = ['pack-objects', '--stdout', '--revs', '--quiet', ...(offsetDeltas ? ['--delta-base-offset'] : [])];
  const child = spawnGit(args, { repository: { folder: mirror }, signal });
  child.stderr.resume();
  const lines = [oid, ...known.map((one) => `^${one}`)];
  const [code] = await Promise.all([
    exitOf(child, 'pack-objects'),
    pipeline(child.stdout, createWriteStream(file)),
    feed(child, [Buffer.from(`${lines.join('\n')}\n`)]),
  ]).catch((error: unknown) => {
    throwIfInterrupted(signal);
    throw error;
  });
  if (code !== 0) throw new HoldfastError('Damaged', 'the restored repository is not whole: git pack-objects failed');
}

/** Those of the target's objects that the mirror has, too. */
async function amongThese(mirror: string, oids: ReadonlySet<string>): Promise<string[]> {
  const { output } = await runGit(['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    repository: { folder: mirror },
    input: [Buffer.from([...oids].map((oid) => `${oid}\n`).join(''))],
  });
  return output
    .toString('utf8')
    .split('\n')
    .flatMap((line) => /^([0-9a-f]+) (?:commit|tag)$/.exec(line)?.[1] ?? []);
}
