import fs, { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { FolderVault, stagingFolder } from '#core/vault/storage/folder/folder-vault.ts';
import { useTemporaryFolders } from '../../../../../support/repositories.ts';
import { collect, failureIn, failureOf } from '../../../../../support/streams.ts';
import { codeOf, contentOf, keysOf, store, stored } from '../../../../../support/vault-content.ts';
import { vaultContract, type VaultUnderTest } from '../../vault-contract.ts';

const blockBytes = 1 << 20;

describe('a vault in a folder', () => {
  const temporaryFolder = useTemporaryFolders();
  let folder: string;
  let vault: FolderVault;

  async function open(): Promise<VaultUnderTest> {
    folder = await temporaryFolder();
    vault = new FolderVault(folder);
    return { vault, leftovers: () => readdir(path.join(folder, stagingFolder)).catch(() => []) };
  }

  vaultContract({ blockBytes, open });

  describe('on a file system without hard links', () => {
    let mend: () => void;

    before(() => {
      mend = breakCalls({ link: 'EPERM' });
    });

    after(() => mend());

    vaultContract({ blockBytes, open });

    it('gives the name back when the object cannot take it', async () => {
      await open();
      expect(await whileFailing({ rename: 'EIO' }, () => codeOf(vault.create('key', contentOf(5))))).to.equal(
        'StorageFailed',
      );
      expect(await keysOf(vault)).to.deep.equal([]);
      expect(await readdir(path.join(folder, stagingFolder))).to.deep.equal([]);
    });
  });

  describe('as files', () => {
    beforeEach(open);

    it('has each object under its key, readable without this program', async () => {
      await store(vault, 'github/acme/website/data.bundle', contentOf(10));
      expect(await readFile(path.join(folder, 'github/acme/website/data.bundle'))).to.deep.equal(contentOf(10));
    });

    it('lists as a sorted list of keys would, whatever the keys', async () => {
      const folders = fc.array(fc.constantFrom('a', 'a-', 'a.', 'a0', 'b', 'é', '\u{10000}', '\uffff'), {
        maxLength: 3,
      });
      const files = fc.constantFrom('a.o', 'a-b.o', 'b.o', 'é.o', '\u{10000}.o', '\uffff.o');
      const anyKeys = fc.uniqueArray(
        fc.tuple(folders, files).map(([above, name]) => [...above, name].join('/')),
        { maxLength: 12 },
      );
      await fc.assert(
        fc.asyncProperty(anyKeys, fc.nat(5), async (keys, cut) => {
          await open();
          for (const key of keys) {
            await mkdir(path.dirname(path.join(folder, key)), { recursive: true });
            await writeFile(path.join(folder, key), '');
          }
          const sorted = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          for (const prefix of ['', ...keys.map((key) => key.slice(0, cut)), ...keys])
            expect(await keysOf(vault, prefix)).to.deep.equal(sorted.filter((key) => key.startsWith(prefix)));
        }),
        { numRuns: 50 },
      );
    });

    it('lists nothing that is no file', async () => {
      await vault.create('a/file', contentOf(1));
      await mkdir(path.join(folder, 'a/empty'));
      await symlink(path.join(folder, 'a/file'), path.join(folder, 'a/link'));
      expect(await keysOf(vault)).to.deep.equal(['a/file']);
    });

    it('neither reads, writes, lists nor removes outside itself', async () => {
      const outside = path.join(folder, 'outside');
      await writeFile(outside, 'secret');
      const inside = new FolderVault(path.join(folder, 'vault'));
      await inside.create('a/b', contentOf(1));
      for (const key of ['../outside', 'a/../../outside', '/outside', 'a//b', './a', '', 'a/', 'a\\b', 'a\0b']) {
        expect(failureIn(() => inside.writer(key)).code, key).to.equal('StorageFailed');
        expect(await codeOf(inside.create(key, contentOf(1))), key).to.equal('StorageFailed');
        expect(await codeOf(inside.replace(key, contentOf(1))), key).to.equal('StorageFailed');
        expect(await codeOf(collect(inside.read(key))), key).to.equal('StorageFailed');
        expect(await codeOf(inside.stat(key)), key).to.equal('StorageFailed');
        expect(await codeOf(inside.remove(key)), key).to.equal('StorageFailed');
      }
      for (const prefix of ['../', '../o', 'a/../../', '/', './', 'a/./'])
        expect(await keysOf(inside, prefix), prefix).to.deep.equal([]);
      expect(await readFile(outside, 'utf8')).to.equal('secret');
    });
  });

  describe('that cannot store', () => {
    beforeEach(open);

    it('says that a folder is in the way, and does not take it for the object', async () => {
      await vault.create('a/b', contentOf(1));
      expect(await codeOf(vault.create('a', contentOf(1)))).to.equal('KeyBlocked');
      expect(await codeOf(vault.replace('a', contentOf(1)))).to.equal('StorageFailed');
      // Not AlreadyExists: this key is free, and the caller must not believe that it is stored.
      expect(await codeOf(vault.create('a/b/c', contentOf(1)))).to.equal('KeyBlocked');
      expect(await codeOf(store(vault, 'a/b/c', contentOf(2 * blockBytes)))).to.equal('KeyBlocked');
      expect(await keysOf(vault)).to.deep.equal(['a/b']);
      expect(await readdir(path.join(folder, stagingFolder))).to.deep.equal([]);
    });

    it('says so when its place is taken by a file', async () => {
      await writeFile(path.join(folder, 'file'), '');
      const misplaced = new FolderVault(path.join(folder, 'file'));
      expect(await codeOf(misplaced.create('a', contentOf(1)))).to.equal('StorageFailed');
      expect(await codeOf(misplaced.replace('a', contentOf(1)))).to.equal('StorageFailed');
      const writer = misplaced.writer('a');
      await writer.write(contentOf(blockBytes));
      expect(await codeOf(writer.write(contentOf(4 * blockBytes)))).to.equal('StorageFailed');
      expect(await codeOf(writer.finish())).to.equal('StorageFailed');
      expect(await keysOf(misplaced)).to.deep.equal([]);
    });

    for (const [code, wanted] of [
      ['ENOSPC', 'StorageFailed'],
      ['EDQUOT', 'StorageFailed'],
      ['EIO', 'StorageFailed'],
      ['ENAMETOOLONG', 'StorageFailed'],
      ['ESTALE', 'StorageFailed'],
      ['EMFILE', 'StorageFailed'],
      ['EACCES', 'AccessDenied'],
      ['EROFS', 'AccessDenied'],
    ] as const)
      it(`leaves nothing when the file system answers ${code}`, async () => {
        expect(await whileFailing({ link: code }, () => codeOf(vault.create('key', contentOf(5))))).to.equal(wanted);
        expect(await stored(vault, 'key')).to.equal(undefined);
        expect(await readdir(path.join(folder, stagingFolder))).to.deep.equal([]);
      });

    it('says that a name is too long for the file system, and that nothing is there under it', async () => {
      const key = `${'a'.repeat(300)}/b`;
      const error = await failureOf(vault.create(key, contentOf(1)));
      expect(error).to.include({ code: 'StorageFailed', transient: false });
      expect(error.message).to.include('longer than the file system of the vault allows');
      expect(error.advice).to.include('--vault');
      expect(await vault.stat(key)).to.equal(undefined);
      expect(await keysOf(vault)).to.deep.equal([]);
    });

    it('says that its file system is read-only, of which Node speaks only when one folder is made alone', async () => {
      const { mkdir } = fs;
      const failing = (at: string, { recursive }: { recursive?: boolean } = {}): Promise<never> => {
        const code = recursive ? 'ENOENT' : 'EROFS';
        return Promise.reject(Object.assign(new Error(code), { code, path: at }));
      };
      Reflect.set(fs, 'mkdir', failing);
      syncBuiltinESMExports();
      const error = await failureOf(vault.create('new/key', contentOf(1))).finally(() => {
        Reflect.set(fs, 'mkdir', mkdir);
        syncBuiltinESMExports();
      });
      expect(error.code).to.equal('AccessDenied');
      expect(error.message).to.include('read-only');
    });

    it('may be tried again where the server of a network file system was replaced', async () => {
      const stale = whileFailing({ link: 'ESTALE' }, () => failureOf(vault.create('key', contentOf(5))));
      expect(await stale).to.include({ code: 'StorageFailed', transient: true });
      await vault.create('key', contentOf(5));
      expect(await keysOf(vault)).to.deep.equal(['key']);
    });

    it('keeps its first error when it cannot clean up either', async () => {
      const failed = whileFailing({ link: 'ENOSPC', rm: 'EROFS' }, () => codeOf(vault.create('key', contentOf(5))));
      expect(await failed).to.equal('StorageFailed');
      expect(await keysOf(vault)).to.deep.equal([]);
    });
  });
});

type Failing = Partial<Record<'link' | 'rename' | 'rm', string>>;

/** Makes calls of the file system fail with these codes until the function returned is called. */
function breakCalls(failing: Failing): () => void {
  const originals = { ...fs };
  for (const [call, code] of Object.entries(failing))
    Reflect.set(fs, call, () => Promise.reject(Object.assign(new Error(code), { code })));
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, originals);
    syncBuiltinESMExports();
  };
}

async function whileFailing<T>(failing: Failing, act: () => Promise<T>): Promise<T> {
  const mend = breakCalls(failing);
  try {
    return await act();
  } finally {
    mend();
  }
}
