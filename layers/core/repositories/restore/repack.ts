import { exitOf, feed, spawnGit } from '#core/git/native.ts';
import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import type { RepositoryContent } from './content.ts';

/**
 * One pack of everything that a restored mirror's refs reach, made again by git.
 * @param offsetDeltas whether deltas may name their base by its place in the pack
 * @throws {HoldfastError} ToolMissing, Damaged
 */
export async function* repack(
  mirror: string,
  { refs, head }: RepositoryContent,
  offsetDeltas: boolean,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const tips = new Set(refs.values());
  if (head.type === 'detached') tips.add(head.oid);
  const command = 'pack-objects';
  const options = ['--stdout', '--revs', '--quiet', ...(offsetDeltas ? ['--delta-base-offset'] : [])];
  const child = spawnGit([command, ...options], { repository: { folder: mirror }, signal });
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
