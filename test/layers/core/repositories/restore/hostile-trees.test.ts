import { lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { restoreToFolder } from '#core/repositories/restore/restore-folder.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { git, gitWith, useTemporaryFolders } from '../../../../support/repositories.ts';
import { StoredRepository } from './stored-repository.ts';

/** Objects by what a tree can refer to. */
interface Parts {
  file: string;
  /** A folder with a file `escaped`. */
  folder: string;
  /** A link to the folder above. */
  link: string;
}

type Entry = [mode: string, name: string, oid: string];

describe('a checkout of a tree that was made to do harm', () => {
  const folder = useTemporaryFolders();

  const trees: [what: string, entries: (parts: Parts) => Entry[]][] = [
    ['the folder above', ({ folder }) => [['40000', '..', folder]]],
    ['a path that leads out', ({ file }) => [['100644', '../escaped', file]]],
    ['a path of two folders', ({ file }) => [['100644', 'in/../../escaped', file]]],
    ['the folder of git', ({ folder }) => [['40000', '.git', folder]]],
    ['the folder of git in capitals', ({ folder }) => [['40000', '.GIT', folder]]],
    [
      'a link and a folder of one name',
      ({ link, folder }) => [
        ['120000', 'same', link],
        ['40000', 'same', folder],
      ],
    ],
    [
      'a folder and a link of one name',
      ({ link, folder }) => [
        ['40000', 'same', folder],
        ['120000', 'same', link],
      ],
    ],
  ];

  async function storedTree(entriesOf: (parts: Parts) => Entry[]) {
    const stored = await StoredRepository.create(await folder());
    const put = (type: string, content: Buffer | string): Promise<string> =>
      gitWith({ cwd: stored.path, input: content }, 'hash-object', '-t', type, '-w', '--literally', '--stdin');
    const treeOf = (entries: Entry[]): Promise<string> =>
      put(
        'tree',
        Buffer.concat(
          entries.flatMap(([mode, name, oid]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]),
        ),
      );
    const file = await put('blob', 'harm\n');
    const parts = { file, folder: await treeOf([['100644', 'escaped', file]]), link: await put('blob', '..') };
    const person = 'A <a@example.org> 1600000000 +0000';
    const tree = await treeOf(entriesOf(parts));
    const commit = await put('commit', `tree ${tree}\nauthor ${person}\ncommitter ${person}\n\nc\n`);
    await git(stored.path, 'update-ref', 'refs/heads/main', commit);
    const taken = await stored.take();
    return { vault: stored.vault, content: await stored.content(taken) };
  }

  for (const [what, entries] of trees)
    it(`leaves all as it is around the target, and says why where it is refused: ${what}`, async () => {
      const { vault, content } = await storedTree(entries);
      for (const indexer of ['native', 'javascript'] as const) {
        const place = join(await folder(), 'place');
        await mkdir(place);
        const target = join(place, 'target');
        try {
          await restoreToFolder(vault, content, { target, checkout: true, indexer });
        } catch (error) {
          if (!(error instanceof HoldfastError)) throw error;
          expect(error.code, indexer).to.equal('SourceUnsupported');
          expect(error.message, indexer)
            .to.include('its files cannot be checked out')
            .and.not.match(/bug|isomorphic/i);
          expect(error.advice, indexer).to.include('--checkout');
        }
        expect(await readdir(join(place, '..'))).to.deep.equal(['place']);
        for (const name of await readdir(place)) expect(name).to.match(/^target(\.holdfast-partial)?$/);
        const repository = (await lstat(target).catch(() => undefined))
          ? target
          : `${target}.holdfast-partial/repository`;
        expect(await readdir(join(repository, '.git'))).to.not.include('escaped');
      }
    });
});
