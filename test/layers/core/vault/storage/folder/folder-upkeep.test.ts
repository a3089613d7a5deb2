import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { expect } from 'chai';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { useTemporaryFolders } from '../../../../../support/repositories.ts';
import { allOf, collect } from '../../../../../support/streams.ts';
import { keysOf, store } from '../../../../../support/vault-content.ts';

describe('a vault in a folder', () => {
  const folder = useTemporaryFolders();
  const set = async () => new FolderVault(path.join(await folder(), 'vault'));
  const text = Buffer.from('content');

  it('loses its empty folders with the last object in them', async () => {
    const vault = await set();
    for (const key of ['git/a/2026/x', 'git/a/2026/y', 'git/b/2026/x']) await store(vault, key, text);
    await vault.remove('git/a/2026/x');
    expect(await readdir(path.join(vault.location, 'git'))).to.have.members(['a', 'b']);
    await vault.remove('git/a/2026/y');
    expect(await readdir(path.join(vault.location, 'git'))).to.deep.equal(['b']);
  });

  it('can be written where another process removes the last object at the same time', async () => {
    const vault = await set();
    for (let round = 0; round < 50; round++) {
      await vault.create('git/a/b/c/old', text);
      await Promise.all([vault.remove('git/a/b/c/old'), vault.create('git/a/b/c/new', text)]);
      expect(await keysOf(vault, 'git/')).to.deep.equal(['git/a/b/c/new']);
      await vault.remove('git/a/b/c/new');
    }
  });

  it('is read by nobody but its owner', async () => {
    const vault = await set();
    await store(vault, 'git/a/x', text);
    await vault.replace('runs/git/latest.json', text);
    const entries = await readdir(vault.location, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const { mode } = await stat(path.join(entry.parentPath, entry.name));
      expect(mode & 0o777, entry.name).to.equal(entry.isDirectory() ? 0o700 : 0o600);
    }
    expect((await stat(vault.location)).mode & 0o777).to.equal(0o700);
  });

  it('can stand on several disks, between whose folders nothing can be linked or renamed', async () => {
    const vault = await set();
    const { link, rename } = fs;
    const apart = (move: typeof link) => async (from: string, to: string) => {
      if (path.dirname(from) !== path.dirname(to)) throw Object.assign(new Error('across disks'), { code: 'EXDEV' });
      return move(from, to);
    };
    Object.assign(fs, { link: apart(link), rename: apart(rename) });
    syncBuiltinESMExports();
    try {
      await store(vault, 'git/a/x', text);
      await vault.create('git/a/y', text);
      await vault.replace('runs/git/latest.json', text);
      await vault.replace('runs/git/latest.json', Buffer.from('later'));
      expect(
        await vault.create('git/a/y', text).catch((error: unknown) => (error instanceof Error ? error.name : '')),
      ).to.equal('AlreadyExists');
    } finally {
      Object.assign(fs, { link, rename });
      syncBuiltinESMExports();
    }
    expect(await keysOf(vault)).to.deep.equal(['git/a/x', 'git/a/y', 'runs/git/latest.json']);
    expect((await collect(vault.read('runs/git/latest.json'))).toString()).to.equal('later');
    expect(await allOf(vault.unfinished())).to.deep.equal([]);
  });

  it('shows what was killed on its way to another disk, and no object of it', async () => {
    const vault = await set();
    await mkdir(path.join(vault.location, 'git'), { recursive: true });
    await writeFile(path.join(vault.location, 'git', '.partial-0a1b'), text);
    expect(await keysOf(vault)).to.deep.equal([]);
    const [left] = await allOf(vault.unfinished());
    expect(left?.name).to.equal('git/.partial-0a1b');
    await left?.remove();
    expect(await allOf(vault.unfinished())).to.deep.equal([]);
  });
});
