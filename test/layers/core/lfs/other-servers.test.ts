import { expect } from 'chai';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { backUpItem } from '#core/run/back-up-item.ts';
import { PlainGitSource } from '#core/sources/git/git-source.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { once } from '../../../support/backups.ts';
import { createGitHandler } from '../../../support/git-server.ts';
import { listen } from '../../../support/http-listener.ts';
import { startLfs } from '../../../support/lfs-server.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../../support/repositories.ts';

describe('objects of Git LFS of any Git server', () => {
  const folder = useTemporaryFolders();

  it('are an item below their repository, fetched with the login of its host', async () => {
    const root = await folder();
    const lfs = await startLfs(root, ({ user, secret }) => (user === 'me' && secret === 'pass-word-1' ? true : 401));
    const git = await createGitHandler({ root, authorize: ({ secret }) => secret === 'pass-word-1' });
    const server = await listen(async (incoming, response) => {
      if (!(await lfs.handle(incoming, response))) await git.handle(incoming, response);
    });
    try {
      const repository = await createRepository(`${root}/team/app.git`, { commits: 1 });
      await addCommit(repository, { files: { big: (await lfs.put(Buffer.from('content'))).pointer } });
      const netrc = new Map([['127.0.0.1', { login: 'me', password: 'pass-word-1' }]]);
      const source = new PlainGitSource({ addresses: [`${server.url}/team/app.git`, root], netrc, lfs: true });
      const { listed } = await source.inventory();
      expect(listed.map(({ item }) => item.path.at(-1)))
        .to.include('@lfs')
        .and.to.have.length(3);
      const { item } = listed.find((one) => one.item.path.at(-1) === '@lfs')!;
      const vault = new FolderVault(await folder());
      const options = { ...defaultBackupOptions, retry: once };
      const outcome = await backUpItem({ source, vault, run: '2026-01-01T000000.000Z', options }, item);
      expect(outcome).to.include({ outcome: 'stored', kind: 'full', bytes: 7 });
      source.close();
    } finally {
      await Promise.all([server.close(), lfs.close()]);
      await git.idle();
    }
  });
});
