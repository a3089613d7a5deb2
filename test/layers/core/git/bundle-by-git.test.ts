import { expect } from 'chai';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openBundle } from '#core/git/bundle.ts';
import { PackChecker } from '#core/git/pack-checker.ts';
import { createRepository, git, gitWith, refsOf, useTemporaryFolders } from '../../../support/repositories.ts';

describe('a bundle that git wrote', () => {
  const folder = useTemporaryFolders();

  /** Reads it through chunks of this size and checks that what follows the header is a pack, to the last byte. */
  async function read(bundle: string, chunkBytes: number) {
    const opened = await openBundle(createReadStream(bundle, { highWaterMark: chunkBytes }));
    const checker = new PackChecker(opened.header.objectFormat);
    for await (const chunk of opened.pack) checker.update(chunk);
    const pack = checker.finish();
    expect(opened.headerBytes + pack.bytes).to.equal((await stat(bundle)).size);
    return { ...opened.header, objects: pack.objects };
  }

  for (const version of [2, 3] as const)
    for (const objectFormat of ['sha1', 'sha256'] as const) {
      if (version === 2 && objectFormat === 'sha256') continue;
      it(`is read with its refs, HEAD and pack: version ${version}, ${objectFormat}`, async () => {
        const shape = { commits: 4, branches: ['größe'], annotatedTags: ['v1'], pulls: 1, objectFormat };
        const path = await createRepository(join(await folder(), 'app.git'), shape);
        const bundle = join(path, 'all.bundle');
        await git(path, 'bundle', 'create', '--quiet', `--version=${version}`, bundle, '--all');
        const { refs, head } = await refsOf(path);
        for (const chunkBytes of [1, 7, 65_536])
          expect(await read(bundle, chunkBytes)).to.deep.include({
            objectFormat,
            refs,
            headOid: head.oid,
            prerequisites: [],
          });
      });
    }

  it('is read with its prerequisites, whatever language their titles are in', async () => {
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 1, branches: ['größe'] });
    const latin1 = Buffer.from('Titel mit \u00e4, \u00f6 und \u00fc', 'latin1');
    const commit = (parent: string, message: Buffer | string) =>
      gitWith(
        { cwd: path, input: message },
        '-c',
        'i18n.commitEncoding=ISO-8859-1',
        'commit-tree',
        '-p',
        parent,
        'main^{tree}',
      );
    const middle = await commit('main', latin1);
    await git(path, 'update-ref', 'refs/heads/main', await commit(middle, 'Later'));
    const bundle = join(path, 'new.bundle');
    await git(path, 'bundle', 'create', '--quiet', bundle, 'main', 'größe', `^${middle}`);
    const found = await read(bundle, 10);
    expect(found.refs).to.deep.equal((await refsOf(path)).refs);
    expect(found.prerequisites).to.include(middle);
  });
});
