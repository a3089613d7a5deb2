import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { Backups } from '../../../../support/backups.ts';
import {
  addCommit,
  createRepository,
  git,
  manyRefs,
  refsOf,
  useTemporaryFolders,
} from '../../../../support/repositories.ts';
import { useServed } from './served.ts';

describe('a backup of refs that are', () => {
  const serve = useServed();
  const folder = useTemporaryFolders();

  it('a hundred thousand: full, unchanged, and one more', async () => {
    const served = await serve({ commits: 2, annotatedTags: ['v1'] });
    await manyRefs(served.path, 100_000);
    const full = await served.take();
    expect(full.outcome).to.include({ outcome: 'stored', refs: 100_002 });
    // Git takes long to write so many refs one by one, so it only reads them here.
    const reader = join(await folder(), 'reader.git');
    await git('.', 'init', '--quiet', '--bare', '--template=', reader);
    const heads = await git(reader, 'bundle', 'unbundle', served.backups.bundles(full.manifest)[0]!);
    const { refs, head } = await refsOf(served.path);
    const expected = [...refs, ['HEAD', head.oid]].map(([name, oid]) => `${oid ?? ''} ${name ?? ''}`);
    expect(heads.split('\n').sort()).to.deep.equal(expected.sort());
    expect((await served.take()).outcome.outcome).to.equal('unchanged');
    await addCommit(served.path);
    const increment = await served.take({ options: { heaviestChain: 100 } });
    expect(increment.manifest.kind).to.equal('incremental');
    expect(increment.manifest.git?.changes).to.deep.equal({ created: 0, moved: 1, deleted: [], rewritten: [] });
    expect(new Map(Object.entries(increment.manifest.git?.refs ?? {}))).to.deep.equal((await refsOf(served.path)).refs);
    expect(full.manifest.data[0]!.bytes).to.be.greaterThan(5_000_000);
  });

  it('on a thousand commits, all of which go into one request', async () => {
    const served = await serve({ commits: 1_000 });
    const commits = (await git(served.path, 'rev-list', 'main')).split('\n');
    const lines = commits.map((oid, index) => `${oid} refs/pull/${index}/head\n`);
    await git(served.path, 'pack-refs', '--all');
    await appendFile(
      join(served.path, 'packed-refs'),
      lines.sort((a, b) => (a.slice(41) < b.slice(41) ? -1 : 1)).join(''),
    );
    const full = await served.take();
    expect(full.outcome).to.include({ refs: 1_001 });
    await addCommit(served.path);
    const increment = await served.take({ options: { heaviestChain: 100 } });
    expect(increment.manifest.git?.pack?.objects).to.be.lessThan(5);
    await served.backups.expectRestorable(increment, served.path);
  });

  it('not named in UTF-8: they are left out, and that is said', async () => {
    const path = await createRepository(join(await folder(), 'app.git'), { branches: ['topic'] });
    await git(path, 'pack-refs', '--all');
    const { refs } = await refsOf(path);
    const main = refs.get('refs/heads/main')!;
    const packed = await readFile(join(path, 'packed-refs'));
    const names = ['refs/heads/z\u00e9', 'refs/heads/z\u00e8'].sort();
    await writeFile(
      join(path, 'packed-refs'),
      Buffer.concat([packed, ...names.map((name) => Buffer.from(`${main} ${name}\n`, 'latin1'))]),
    );
    const backups = new Backups(await folder());
    const taken = await backups.take(new LocalTransport(path));
    expect(Object.keys(taken.manifest.git?.refs ?? {})).to.deep.equal(['refs/heads/main', 'refs/heads/topic']);
    expect(taken.manifest.omitted.map(({ what }) => what)).to.deep.equal(['refs/heads/z\\xe8', 'refs/heads/z\\xe9']);
    expect(taken.outcome.warnings.join()).to.include('2 refs are left out');
    const restored = await backups.restore(taken, join(await folder(), 'restored.git'));
    expect((await refsOf(restored)).refs).to.deep.equal(refs);
  });
});
