import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import { bundleHeader } from '#core/git/bundle.ts';
import { HoldfastError, systemCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import { nameExclusively } from '#core/runtime/exclusive-name.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import { sync } from '#core/runtime/sync-tree.ts';
import type { RepositoryData } from '#core/vault/manifest.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Phase } from '#core/runtime/phase.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { buildMirror } from './build-mirror.ts';
import type { RepositoryContent } from './content.ts';
import { repack } from './repack.ts';
import { targetError } from './target-error.ts';

/**
 * Restores a snapshot as one bundle file that needs no other. A full snapshot is one already. A chain is put together
 * by git: laid behind one another its packs may hold an object twice, and then Git cannot always resolve the deltas
 * that build on it (docs/decisions.md).
 */
export async function restoreToBundle(
  vault: Vault,
  content: RepositoryContent,
  file: string,
  onProgress: (bytes: number) => void = () => undefined,
  signal?: AbortSignal,
  onPhase?: (phase: Phase) => void,
): Promise<void> {
  const { target, only, more } = await bundleTarget(content, file);
  if (more.length === 0) {
    onPhase?.('reading');
    await writeExclusively(target, counted(readProven(vault, only), onProgress, signal));
    return;
  }
  await withScratchFolder('bundle', async (folder) => {
    const mirror = path.join(folder, 'mirror.git');
    await buildMirror(vault, content, mirror, { indexer: 'native', onProgress, onPhase, signal });
    onPhase?.('packing');
    await writeExclusively(target, oneBundle(mirror, content, signal));
  });
}

/**
 * The file to restore into, and the data that it takes.
 * @throws {HoldfastError} SourceUnsupported where the snapshot cannot become a bundle, TargetNotEmpty
 */
export async function bundleTarget(
  { data }: RepositoryContent,
  file: string,
): Promise<{ target: string; only: RepositoryData; more: RepositoryData[] }> {
  const target = path.resolve(file);
  const [only, ...more] = data;
  if (!only)
    throw new HoldfastError('SourceUnsupported', 'the repository was empty, and Git has no empty bundles', {
      advice: 'Restore it into a folder.',
    });
  if (only.format !== 'bundle')
    throw new HoldfastError('SourceUnsupported', `the snapshot is a ${only.format} archive, not a bundle`, {
      advice: 'Restore it into a folder, then: git bundle create.',
    });
  if (await lstat(target).catch(() => undefined)) throw existsAlready(target);
  return { target, only, more };
}

async function* oneBundle(
  mirror: string,
  content: RepositoryContent,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  yield bundleHeader(content.objectFormat, content.refs, content.head, []);
  yield* repack(mirror, content, true, signal);
}

async function* counted(
  chunks: AsyncIterable<Buffer>,
  onProgress: (bytes: number) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    throwIfInterrupted(signal);
    bytes += chunk.length;
    onProgress(bytes);
    yield chunk;
  }
}

/** Writes a file that gets its name only when it is complete, and never in place of another. */
async function writeExclusively(target: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  const temporary = `${target}.${randomUUID().slice(0, 8)}.partial`;
  const file = createWriteStream(temporary, { flags: 'wx', highWaterMark: 1 << 20, flush: true });
  const failed = new Promise<never>((_, reject) => file.once('error', reject));
  failed.catch(() => undefined);
  const closed = new Promise<void>((resolve) => file.once('close', resolve));
  try {
    for await (const chunk of chunks) if (!file.write(chunk)) await Promise.race([once(file, 'drain'), failed]);
    file.end();
    await Promise.race([closed, failed]);
    await nameExclusively(temporary, target);
    await sync(path.dirname(target));
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw existsAlready(target, error);
    if (systemCode(error) === 'ENOENT')
      throw new HoldfastError('Usage', `there is no folder ${path.dirname(target)}`, { cause: error });
    throw targetError(target, error);
  } finally {
    // A file that is still being opened would otherwise come into being after it was removed.
    file.destroy();
    await closed;
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

function existsAlready(target: string, cause?: unknown): HoldfastError {
  return new HoldfastError('TargetNotEmpty', `${target} already exists`, { cause });
}
