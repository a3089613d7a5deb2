import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import path from 'node:path';
import { bundleHeader } from '#core/git/bundle.ts';
import { exitOf, feed, spawnGit } from '#core/git/native.ts';
import { HoldfastError, systemCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import { nameExclusively } from '#core/runtime/exclusive-name.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import type { Vault } from '#core/vault/vault.ts';
import { buildMirror } from './build-mirror.ts';
import type { RepositoryContent } from './content.ts';
import { readProven } from './stored-data.ts';

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
): Promise<void> {
  const target = path.resolve(file);
  const [only, ...more] = content.data;
  if (!only)
    throw new HoldfastError('SourceUnsupported', 'the repository was empty, and Git knows no empty bundles', {
      advice: 'Restore it into a folder.',
    });
  if (only.format !== 'bundle')
    throw new HoldfastError('SourceUnsupported', `the snapshot is a ${only.format} archive, not a bundle`, {
      advice: 'Restore it into a folder, then: git bundle create.',
    });
  if (await lstat(target).catch(() => undefined)) throw existsAlready(target);
  if (more.length === 0) {
    await writeExclusively(target, counted(readProven(vault, only), onProgress, signal));
    return;
  }
  await withScratchFolder('bundle', async (folder) => {
    const mirror = path.join(folder, 'mirror.git');
    await buildMirror(vault, content, mirror, { indexer: 'native', onProgress, signal });
    await writeExclusively(target, oneBundle(mirror, content, signal));
  });
}

async function* oneBundle(
  mirror: string,
  { objectFormat, refs, head }: RepositoryContent,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  yield bundleHeader(objectFormat, refs, head, []);
  const tips = new Set(refs.values());
  if (head.type === 'detached') tips.add(head.oid);
  const command = 'pack-objects';
  const child = spawnGit([command, '--stdout', '--revs', '--delta-base-offset', '--quiet'], { cwd: mirror, signal });
  child.stderr.resume();
  const ended = Promise.all([exitOf(child, command), feed(child, [Buffer.from(`${[...tips].join('\n')}\n`)])]);
  ended.catch(() => undefined);
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) yield chunk;
    const [code] = await ended;
    if (code !== 0) throw new HoldfastError('Damaged', `the restored repository is not whole: git ${command} failed`);
  } catch (error) {
    throwIfInterrupted(signal);
    throw error;
  } finally {
    child.kill();
  }
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

/** Writes a file that bears its name only when it is whole, and never in place of another. */
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
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw existsAlready(target, error);
    if (systemCode(error) === 'ENOENT')
      throw new HoldfastError('Usage', `there is no folder ${path.dirname(target)}`, { cause: error });
    throw error;
  } finally {
    // A file that is still being opened would otherwise come into being after it was removed.
    file.destroy();
    await closed;
    await rm(temporary, { force: true });
  }
}

function existsAlready(target: string, cause?: unknown): HoldfastError {
  return new HoldfastError('TargetNotEmpty', `${target} exists already`, { cause });
}
