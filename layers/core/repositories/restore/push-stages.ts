import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { packPath } from '#core/git/mirror.ts';
import type { PackSource } from '#core/git/push.ts';
import type { Refs } from '#core/git/refs.ts';
import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import type { Phase } from '#core/runtime/phase.ts';
import type { RepositoryData } from '#core/vault/manifest.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { buildMirror } from './build-mirror.ts';
import { compareHeader } from './compare.ts';
import { storedRefs, type RepositoryContent } from './content.ts';
import { packsIn } from './mirror-files.ts';
import { repack } from './repack.ts';
import { openStoredBundle } from './stored-bundle.ts';

/** One pack of the chain and the refs that it makes possible. */
export interface Stage {
  /** The refs that its bundle lists; in the last stage all refs of the snapshot. */
  refs: Refs;
  /** An object that the pack brings and that a ref may point to; absent where refs only moved among what was there. */
  brings: string | undefined;
  pack: PackSource;
  /** Reads the whole pack once more. @throws {HoldfastError} Damaged */
  prove: () => Promise<void>;
}

export interface StageOptions {
  signal?: AbortSignal | undefined;
  /** Called with the bytes read from the vault so far. */
  onProgress?: ((bytes: number) => void) | undefined;
  onPhase?: ((phase: Phase) => void) | undefined;
}

/** The chain as the bundles' headers tell it. Packs are only read when they are sent. */
export async function bundleStages(vault: Vault, content: RepositoryContent, options: StageOptions): Promise<Stage[]> {
  const { git, data: own } = content.snapshot.content;
  const stages: Stage[] = [];
  const before = new Set<string>();
  let start = 0;
  for (const object of content.data) {
    throwIfInterrupted(options.signal);
    const { header, headerBytes, pack } = await openStoredBundle(vault, object);
    await pack.return(undefined);
    const isLast = own.some(({ key }) => key === object.key);
    if (git && isLast) compareHeader(object.key, header, git);
    const tips = new Set(header.refs.values());
    if (header.headOid !== undefined) tips.add(header.headOid);
    const brings = [...tips].find((oid) => !before.has(oid));
    stages.push({
      refs: git?.refsSince && isLast ? storedRefs(content) : header.refs,
      brings,
      pack: { length: object.bytes - headerBytes, chunks: packOf(vault, object, start, options) },
      prove: async () => {
        for await (const _ of readProven(vault, object));
      },
    });
    for (const oid of tips) before.add(oid);
    start += object.bytes;
  }
  return stages;
}

/** A mirror that came out of an archive has one pack. */
export async function mirrorStages(
  mirror: string,
  { refs }: RepositoryContent,
  options: StageOptions,
): Promise<Stage[]> {
  const [hash, ...more] = await packsIn(mirror);
  if (hash === undefined) return [];
  if (more.length > 0) throw new HoldfastError('Damaged', `${mirror} has more than one pack`);
  const file = packPath(mirror, hash);
  const { size } = await stat(file);
  return [
    {
      refs,
      brings: undefined,
      pack: { length: size, chunks: contentOf(file, options) },
      prove: () => Promise.resolve(),
    },
  ];
}

/**
 * Everything as one pack without deltas by offset, for targets that take no others: CodeCommit is one. It is made in a
 * folder by git, since such deltas cannot be distinguished from others without indexing the pack.
 */
export async function repackedStages(
  vault: Vault,
  content: RepositoryContent,
  folder: string,
  options: StageOptions,
): Promise<Stage[]> {
  const { signal, onProgress, onPhase } = options;
  const mirror = path.join(folder, 'repository.git');
  await buildMirror(vault, content, mirror, { indexer: 'native', signal, onProgress, onPhase });
  onPhase?.('packing');
  const file = path.join(folder, 'whole.pack');
  await pipeline(repack(mirror, content, false, signal), createWriteStream(file));
  const { size } = await stat(file);
  const pack = { length: size, chunks: contentOf(file, options) };
  return [{ refs: content.refs, brings: undefined, pack, prove: () => Promise.resolve() }];
}

/** Opens the file only when it is read. */
async function* contentOf(file: string, { onPhase }: StageOptions): AsyncGenerator<Buffer> {
  onPhase?.('sending');
  yield* createReadStream(file) as AsyncIterable<Buffer>;
  onPhase?.('waiting for the server');
}

async function* packOf(
  vault: Vault,
  object: RepositoryData,
  /** The bytes of the bundles before it. */
  start: number,
  { signal, onProgress, onPhase }: StageOptions,
): AsyncGenerator<Buffer> {
  const { pack } = await openStoredBundle(vault, object);
  let bytes = start;
  onPhase?.('sending');
  for await (const chunk of pack) {
    throwIfInterrupted(signal);
    bytes += chunk.length;
    onProgress?.(bytes);
    yield chunk;
  }
  onPhase?.('waiting for the server');
}
