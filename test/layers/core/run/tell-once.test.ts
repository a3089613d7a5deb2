import { expect } from 'chai';
import { tellOnce } from '#core/run/tell-once.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';

describe('telling people of a run', () => {
  const folder = useTemporaryFolders();
  const run = '2026-11-20T094512.345Z';

  it('is done once, however often its report is tried', async () => {
    const vault = new FolderVault(await folder());
    let told = 0;
    const tell = () => {
      told++;
      return Promise.resolve();
    };
    for (let attempt = 0; attempt < 3; attempt++) await tellOnce(vault, 'github', run, tell);
    expect(told).to.equal(1);
    await tellOnce(vault, 'github', '2026-11-21T094512.345Z', tell);
    await tellOnce(vault, 'codecommit', run, tell);
    expect(told).to.equal(3);
  });

  it('is tried again where it did not succeed', async () => {
    const vault = new FolderVault(await folder());
    let attempts = 0;
    const tell = () => (++attempts === 1 ? Promise.reject(new Error('the topic does not answer')) : Promise.resolve());
    const first = await tellOnce(vault, 'github', run, tell).catch((error: unknown) => error);
    expect(first).to.be.instanceOf(Error);
    for (let attempt = 0; attempt < 2; attempt++) await tellOnce(vault, 'github', run, tell);
    expect(attempts).to.equal(2);
  });

  it('fails no report where the vault takes no note of it', async () => {
    const vault = new FolderVault(await folder());
    vault.create = () => Promise.reject(new HoldfastError('AccessDenied', 'not allowed'));
    let told = 0;
    await tellOnce(vault, 'github', run, () => {
      told++;
      return Promise.resolve();
    });
    expect(told).to.equal(1);
  });
});
