import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { Backups } from '../../../../support/backups.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';

describe('a repository that is too large for a place', () => {
  const folder = useTemporaryFolders();

  it('is given up in time, and sent elsewhere at once whenever a full snapshot of it is due', async () => {
    const path = await createRepository(join(await folder(), 'large.git'), { commits: 3 });
    const backups = new Backups(await folder());
    const take = (options: object) => backups.take(new LocalTransport(path), { options });
    const small = { streamLimit: 200 };
    const error = await failureOf(take(small));
    expect(error).to.include({ code: 'TooLarge', transient: false });
    expect(await backups.files()).to.deep.equal([]);

    // Elsewhere there is more room, and it is remembered that it was needed.
    expect((await take({ large: true })).manifest.hints).to.deep.equal({ large: true });
    const roomy = { streamLimit: 1 << 30, heaviestChain: 100 };
    await addCommit(path);
    const increment = await take(roomy);
    expect(increment.manifest).to.deep.include({ kind: 'incremental', hints: { large: true } });
    await addCommit(path);
    const again = await failureOf(take({ ...roomy, full: true }));
    expect(again.code).to.equal('TooLarge');
    expect(again.message).to.include('before');
    expect((await take({ full: true })).manifest.hints).to.deep.equal({ large: true });
  });
});
