import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from './git.ts';

/** A repository that is measured. */
export interface BenchRepository {
  /** Also its path at the server, with `.git`. */
  name: string;
  /** Text with a past, or bytes that nothing can compress. */
  kind: 'history' | 'random';
  folder: string;
  /** Bytes of its packs. */
  packBytes: number;
  objects: number;
  refs: number;
}

export async function describe(name: string, kind: BenchRepository['kind'], folder: string): Promise<BenchRepository> {
  const packs = join(folder, 'objects', 'pack');
  const names = (await readdir(packs)).filter((file) => file.endsWith('.pack'));
  const sizes = await Promise.all(names.map(async (file) => (await stat(join(packs, file))).size));
  const counted = await git(['-C', folder, 'count-objects', '-v']);
  const refs = await git(['-C', folder, 'for-each-ref', '--format=x']);
  return {
    name,
    kind,
    folder,
    packBytes: sizes.reduce((sum, size) => sum + size, 0),
    objects: Number(/^in-pack: (\d+)$/m.exec(counted)?.[1] ?? 0),
    refs: refs === '' ? 0 : refs.split('\n').length,
  };
}
