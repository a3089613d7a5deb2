import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemCode } from '#core/runtime/errors.ts';
import { withRememberedFolders } from '#core/repositories/restore/remembered-folders.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';

describe('folders that are remembered while files are written', () => {
  const folder = useTemporaryFolders();

  it('are looked at again once one was removed, so that a link in its place is seen', async () => {
    const { promises } = withRememberedFolders();
    const at = join(await folder(), 'a');
    await mkdir(at);
    expect((await promises.lstat(at)).isDirectory()).to.equal(true);
    await promises.rmdir(at);
    await symlink('/', at);
    expect((await promises.lstat(at)).isSymbolicLink()).to.equal(true);
  });

  it('are not taken for there before they are, nor anything else for one', async () => {
    const { promises } = withRememberedFolders();
    const at = join(await folder(), 'a');
    const missing = await promises.lstat(at).then(() => 'there', systemCode);
    expect(missing).to.equal('ENOENT');
    await writeFile(at, 'x');
    expect((await promises.lstat(at)).size).to.equal(1);
    await writeFile(at, 'xyz');
    expect((await promises.lstat(at)).size).to.equal(3);
  });
});
