import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import { Backups } from '../../../../support/backups.ts';
import { createRepository, git, useTemporaryFolders } from '../../../../support/repositories.ts';
import { collect, failureOf, streamOf } from '../../../../support/streams.ts';

/** Git lets no repository have such names, so a server that is not Git's has to be played. */
function naming(path: string, from: string, to: string): Transport {
  const inner = new LocalTransport(path);
  // As long as before, since each line says how long it is.
  const renamed = async (answer: Promise<AsyncIterable<Buffer>>): Promise<AsyncIterable<Buffer>> =>
    streamOf(Buffer.from((await collect(await answer)).toString('latin1').replaceAll(from, to), 'latin1'));
  return {
    address: path,
    advertisement: (...question) => renamed(inner.advertisement(...question)),
    exchange: (...question) => renamed(inner.exchange(...question)),
    close: () => inner.close(),
  };
}

describe('a repository with refs whose names Git forbids', () => {
  const folder = useTemporaryFolders();

  it('is backed up without them, and the snapshot and its warnings name them', async () => {
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 2, branches: ['topic'] });
    const { manifest } = await new Backups(await folder()).take(naming(path, 'topic', 'to..c'));
    expect(Object.keys(manifest.git?.refs ?? {})).to.deep.equal(['refs/heads/main']);
    expect(manifest.omitted).to.deep.equal([{ what: 'refs/heads/to..c', why: 'Git forbids the name' }]);
    expect(manifest.warnings).to.deep.equal(['1 refs are left out, since Git forbids their names: "refs/heads/to..c"']);
  });

  it('fails where it has no others, instead of being stored as empty', async () => {
    const path = await createRepository(join(await folder(), 'app.git'), { commits: 2 });
    await git(path, 'branch', '-m', 'main', 'topic');
    await git(path, 'symbolic-ref', 'HEAD', 'refs/heads/gone');
    const backups = new Backups(await folder());
    const error = await failureOf(backups.take(naming(path, 'topic', 'to..c')));
    expect(error).to.include({ code: 'SourceUnsupported' });
    expect(error.message).to.include('"refs/heads/to..c"');
    expect(await backups.files()).to.deep.equal([]);
  });
});
