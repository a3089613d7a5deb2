import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import path from 'node:path';
import { bundleHeader } from '#core/git/bundle.ts';
import { hashBytes } from '#core/git/object-format.ts';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';
import type { Vault } from '#core/vault/vault.ts';
import type { RepositoryContent } from './content.ts';
import { openStoredBundle, readProven } from './stored-data.ts';

/**
 * Restores a snapshot as one bundle file that needs no other. A chain becomes one pack by laying its packs behind
 * one another: deltas name their base by its distance or by its id, and both stay true. Objects that two packs of
 * the chain hold stand in the file twice, which Git reads without complaint: docs/decisions.md.
 */
export async function restoreToBundle(
  vault: Vault,
  content: RepositoryContent,
  file: string,
  onProgress: (bytes: number) => void = () => undefined,
): Promise<void> {
  const [only, ...more] = content.data;
  if (!only)
    throw new HoldfastError('SourceUnsupported', 'the repository was empty, and Git knows no empty bundles', {
      advice: 'Restore it into a folder.',
    });
  if (only.format !== 'bundle')
    throw new HoldfastError('SourceUnsupported', `the snapshot is a ${only.format} archive, not a bundle`, {
      advice: 'Restore it into a folder, then: git bundle create.',
    });
  await writeExclusively(
    path.resolve(file),
    more.length === 0 ? readProven(vault, only) : oneBundle(vault, content),
    onProgress,
  );
}

async function* oneBundle(vault: Vault, content: RepositoryContent): AsyncGenerator<Buffer> {
  const { objectFormat, refs, head, data } = content;
  yield bundleHeader(objectFormat, refs, head, []);
  const hash = createHash(objectFormat);
  const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  header.writeUInt32BE(await countObjects(vault, content), 8);
  hash.update(header);
  yield header;
  for (const object of data) {
    const { pack } = await openStoredBundle(vault, object);
    for await (const chunk of objectsOf(pack, hashBytes(objectFormat))) {
      hash.update(chunk);
      yield chunk;
    }
  }
  yield hash.digest();
}

async function countObjects(vault: Vault, { data }: RepositoryContent): Promise<number> {
  let objects = 0;
  for (const object of data) {
    const { pack } = await openStoredBundle(vault, object);
    let header = Buffer.alloc(0);
    for await (const chunk of pack) {
      header = Buffer.concat([header, chunk.subarray(0, 12)]);
      if (header.length >= 12) break;
    }
    if (header.length < 12) throw new HoldfastError('Damaged', `${object.key} holds no pack`);
    objects += header.readUInt32BE(8);
  }
  return objects;
}

/** A pack without its header and without the hash at its end. */
async function* objectsOf(pack: AsyncIterable<Buffer>, trailer: number): AsyncGenerator<Buffer> {
  let skip = 12;
  let heldBack = Buffer.alloc(0);
  for await (const chunk of pack) {
    const rest = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - rest.length;
    const joined = heldBack.length === 0 ? rest : Buffer.concat([heldBack, rest]);
    const ready = Math.max(0, joined.length - trailer);
    if (ready > 0) yield joined.subarray(0, ready);
    heldBack = Buffer.from(joined.subarray(ready));
  }
}

/** Writes a file that bears its name only when it is whole, and never in place of another. */
async function writeExclusively(
  target: string,
  chunks: AsyncIterable<Buffer>,
  onProgress: (bytes: number) => void,
): Promise<void> {
  const temporary = `${target}.${randomUUID().slice(0, 8)}.partial`;
  const file = createWriteStream(temporary, { flags: 'wx', highWaterMark: 1 << 20, flush: true });
  const failed = new Promise<never>((_, reject) => file.once('error', reject));
  failed.catch(() => undefined);
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      onProgress(bytes);
      if (!file.write(chunk)) await Promise.race([once(file, 'drain'), failed]);
    }
    file.end();
    await Promise.race([once(file, 'close'), failed]);
    await link(temporary, target);
  } catch (error) {
    if (systemCode(error) === 'EEXIST')
      throw new HoldfastError('TargetNotEmpty', `${target} exists already`, { cause: error });
    if (systemCode(error) === 'ENOENT')
      throw new HoldfastError('Usage', `there is no folder ${path.dirname(target)}`, { cause: error });
    throw error;
  } finally {
    file.destroy();
    await rm(temporary, { force: true });
  }
}
