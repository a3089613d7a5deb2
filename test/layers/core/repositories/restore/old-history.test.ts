/** Objects as old programs wrote them: git takes them, so they are stored, proven and restored, also without git. */
import { expect } from 'chai';
import fc from 'fast-check';
import { referencesOf } from '#core/git/references.ts';
import { drillSnapshot } from '#core/run/drill.ts';
import { git, gitWith, useTemporaryFolders } from '../../../../support/repositories.ts';
import { StoredRepository } from './stored-repository.ts';

const person = 'A <a@example.org> 1600000000 +0000';

describe('an old history', () => {
  const folder = useTemporaryFolders();

  const put = (path: string, type: string, content: Buffer | string): Promise<string> =>
    gitWith({ cwd: path, input: content }, 'hash-object', '-t', type, '-w', '--literally', '--stdin');

  const entry = (mode: string, name: string, oid: string): Buffer =>
    Buffer.concat([Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(oid, 'hex')]);

  const commit = (path: string, tree: string, author = person, more = '', message = 'c\n'): Promise<string> =>
    put(path, 'commit', `tree ${tree}\nauthor ${author}\ncommitter ${author}\n${more}\n${message}`);

  /** Trees by what is odd about them, made of a file and a folder. */
  const trees: ((file: string, tree: string) => Buffer)[] = [
    (file) => entry('100664', 'for a group', file),
    (file) => entry('100600', 'for nobody else', file),
    (file) => entry('120664', 'a link with a mode', file),
    (file) => entry('0100644', 'a zero in front', file),
    (_, tree) => entry('040000', 'a zero in front', tree),
    (_, tree) => entry('40000', '.git', tree),
    (file) => entry('100644', '.', file),
    (file) => Buffer.concat([entry('100644', 'twice', file), entry('100644', 'twice', file)]),
    (file) => Buffer.concat([entry('100644', 'z', file), entry('100644', 'a', file)]),
    (file) => entry('100644', 'a/b', file),
    (file) => entry('100644', 'caf\xe9', file),
    () => entry('160000', 'a submodule', '1'.repeat(40)),
  ];

  /** The same of commits: their author, further headers, and message. */
  const commits: [string?, string?, string?][] = [
    ['A 1600000000 +0000'],
    ['A <a@example.org> 18446744073709551615 +51800'],
    ['A <a@example.org>'],
    [''],
    [person, 'HG:rename a:b\nencoding latin-1\n'],
    [person, '', 'a\0b\n'],
  ];

  it('is proven with git and without', async () => {
    const { path, ...stored } = await makeStored();
    const file = await put(path, 'blob', 'y\n');
    const tree = await put(path, 'tree', entry('100644', 'config', file));
    const tips: string[] = [];
    for (const make of trees) tips.push(await commit(path, await put(path, 'tree', make(file, tree))));
    for (const parts of commits) tips.push(await commit(path, tree, ...parts));
    const tagged = `object ${tips[0] ?? ''}\ntype commit\ntag odd name with blanks\n\nwithout a tagger\n`;
    tips.push(await put(path, 'tag', tagged));
    for (const [index, tip] of tips.entries()) await git(path, 'update-ref', `refs/odd/${index}`, tip);
    const { outcome } = await stored.take();
    const objects: number[] = [];
    for (const indexer of ['native', 'javascript'] as const) {
      const { prefix, snapshot } = outcome;
      const drilled = await drillSnapshot(stored.vault, stored.catalogue, prefix, snapshot, { indexer });
      expect(drilled.problems).to.deep.equal([]);
      objects.push(drilled.proven['object'] ?? 0);
    }
    expect(objects[0]).to.equal(objects[1]);
  });

  async function makeStored() {
    const stored = await StoredRepository.create(await folder());
    return { path: stored.path, vault: stored.vault, catalogue: stored.catalogue, take: () => stored.take() };
  }
});

describe('what an object refers to', () => {
  it('is found, or said to be missing, whatever the bytes', () =>
    fc.assert(
      fc.property(
        fc.constantFrom('commit', 'tree', 'tag', 'blob'),
        fc.uint8Array({ maxLength: 200 }),
        (type, bytes) => {
          try {
            expect(referencesOf(type, Buffer.from(bytes), 'sha1')).to.be.an('array');
          } catch (error) {
            expect(String(error)).to.match(/it has no line|is cut off/);
          }
        },
      ),
    ));
});
