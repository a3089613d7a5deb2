import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Indexer } from '#core/git/pack-index.ts';
import { buildMirror } from '#core/repositories/restore/build-mirror.ts';
import { proveMirror } from '#core/repositories/restore/prove-mirror.ts';
import { createRepository, git, useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { everything, StoredRepository } from './stored-repository.ts';

describe('the proof of a mirror', () => {
  const folder = useTemporaryFolders();

  const harms: [string, (mirror: string) => Promise<unknown>][] = [
    ['a ref is elsewhere', (mirror) => git(mirror, 'update-ref', 'refs/heads/main', 'refs/heads/topic/a')],
    ['a ref is gone', (mirror) => git(mirror, 'update-ref', '-d', 'refs/heads/topic/b')],
    ['there is a ref more', (mirror) => git(mirror, 'update-ref', 'refs/heads/more', 'refs/heads/main')],
    ['HEAD is at another branch', (mirror) => git(mirror, 'symbolic-ref', 'HEAD', 'refs/heads/topic/a')],
    ['HEAD is detached', (mirror) => git(mirror, 'update-ref', '--no-deref', 'HEAD', 'refs/heads/main')],
  ];

  for (const indexer of ['native', 'javascript'] as const satisfies Indexer[]) {
    for (const [what, harm] of harms)
      it(`fails where ${what}, by ${indexer}`, async () => {
        const stored = await StoredRepository.create(await folder(), everything);
        const content = await stored.content(await stored.take());
        const mirror = join(await folder(), 'mirror.git');
        await buildMirror(stored.vault, content, mirror, { indexer });
        expect(await proveMirror(mirror, content, indexer)).to.be.above(20);
        await harm(mirror);
        expect((await failureOf(proveMirror(mirror, content, indexer))).code).to.equal('Damaged');
      });

    it(`asks for no commit of a submodule, by ${indexer}`, async () => {
      const stored = await StoredRepository.create(await folder(), { commits: 1 });
      const other = await createRepository(join(await folder(), 'other.git'), { seed: 'other' });
      const clone = join(await folder(), 'clone');
      await git('.', 'clone', '--quiet', stored.path, clone);
      await git(
        clone,
        'update-index',
        '--add',
        '--cacheinfo',
        `160000,${await git(other, 'rev-parse', 'main')},module`,
      );
      await writeFile(join(clone, '.gitmodules'), '');
      await git(clone, 'commit', '--quiet', '--message', 'Module');
      await git(clone, 'push', '--quiet', 'origin', 'main');
      const content = await stored.content(await stored.take());
      const mirror = join(await folder(), 'mirror.git');
      await buildMirror(stored.vault, content, mirror, { indexer });
      expect(await proveMirror(mirror, content, indexer)).to.equal(5);
    });
  }
});
