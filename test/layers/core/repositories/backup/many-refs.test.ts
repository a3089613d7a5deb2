import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeManifest } from '#core/vault/manifest.ts';
import { addCommit, git, manyRefs, refsOf, useTemporaryFolders } from '../../../../support/repositories.ts';
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
    expect(new Map(Object.entries(increment.content.git?.refs ?? {}))).to.deep.equal((await refsOf(served.path)).refs);
    expect(full.manifest.data[0]!.bytes).to.be.greaterThan(5_000_000);
    // Only the branch that moved is written, in the manifest as in the header of the bundle.
    expect(writeManifest(increment.manifest).text.length).to.be.lessThan(3_000);
    expect(increment.manifest.data[0]!.bytes).to.be.lessThan(2_000);
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
});
