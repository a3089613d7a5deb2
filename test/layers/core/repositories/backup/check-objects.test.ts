import { randomBytes } from 'node:crypto';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { startGitServer, type GitServer } from '../../../../support/git-server.ts';
import { inProcess } from '../../../../support/in-process.ts';
import { addCommit, createRepository, git, useTemporaryFolders } from '../../../../support/repositories.ts';
import { main } from '../../../../../scripts/cli/main.ts';

describe('a backup that checks what the server sends', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let path: string;
  let server: GitServer;

  beforeEach(async () => {
    place = await folder();
    path = join(place, 'app.git');
    await createRepository(path, { commits: 2, files: { bulk: randomBytes(300 << 10) } });
    await git(path, 'repack', '-adq');
    server = await startGitServer({ root: place });
  });
  afterEach(() => server.close());

  const holdfast = (...args: string[]) => inProcess(() => main([...args, '--vault', 'vault']), place);
  const backUp = (...args: string[]) =>
    holdfast('backup', 'git', `${server.url}/app.git`, '--heaviest-chain', '99', ...args);

  /** Flips one bit of a file within the pack on the server's disk; a second time puts it back. */
  async function flip(): Promise<void> {
    const packs = join(path, 'objects/pack');
    const file = join(
      packs,
      (await readdir(packs)).find((name) => name.endsWith('.pack'))!,
    );
    const bytes = await readFile(file);
    const middle = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    await chmod(file, 0o600);
    await writeFile(file, bytes);
  }

  it('fails, and stores nothing of it, where one bit is flipped in a pack of the server', async () => {
    await flip();
    const { code, stderr, stdout } = await backUp('--check-objects');
    expect(`${stdout}${stderr}`).to.match(
      /failed {5}\S+ {2}Corrupt: the data that the server sent does not restore[^]*git fsck/,
    );
    expect(code).to.equal(1);
    expect(
      (await readdir(join(place, 'vault'), { recursive: true })).filter((name) => /bundle$/.test(name)),
    ).to.deep.equal([]);
    await flip();
    expect((await backUp('--check-objects')).code).to.equal(0);
    expect((await holdfast('drill')).code).to.equal(0);
  });

  it('takes a full snapshot where an incremental one would build on damage that was stored before', async () => {
    await flip();
    expect((await backUp()).code).to.equal(0);
    await flip();
    await addCommit(path, { branch: 'topic', from: 'main' });
    const { code, stdout } = await backUp('--check-objects');
    expect(stdout).to.match(/stored.*full[^]*would not restore/);
    expect(code).to.equal(0);
    expect((await holdfast('drill')).code).to.equal(0);
  });

  for (const format of ['bundle', 'tar.gz'])
    it(`stores what is sound, ${format === 'bundle' ? 'also on top of a snapshot' : `as ${format}`}`, async () => {
      const kinds: (string | undefined)[] = [];
      for (let round = 0; round < 3; round++) {
        const options = format === 'bundle' ? [] : ['--format', format];
        const { code, stdout } = await holdfast(
          'backup',
          'git',
          `${server.url}/app.git`,
          '--check-objects',
          ...options,
        );
        expect(code).to.equal(0);
        kinds.push(/unchanged|incremental|full/.exec(stdout)?.[0]);
        if (round === 0) await addCommit(path);
      }
      expect(kinds).to.deep.equal(['full', format === 'bundle' ? 'incremental' : 'full', 'unchanged']);
    });
});
