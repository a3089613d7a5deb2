import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { main } from '../../../scripts/cli/main.ts';
import { events } from '../../support/command-line.ts';
import { inProcess } from '../../support/in-process.ts';
import { createRepository, git, useTemporaryFolders } from '../../support/repositories.ts';

describe('looking into snapshots', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let old: string;
  const run = (...args: string[]) => inProcess(() => main(args), place);

  before(async () => {
    place = await folder();
    const source = path.join(place, 'app.git');
    const files = {
      'README.md': 'first\n',
      'docs/a.md': 'a\n',
      'docs/deep/b.md': 'b\n',
      'evil.txt': '\u001b[31mred\n',
    };
    await createRepository(source, { files, branches: ['next'], tags: ['v1'] });
    await run('backup', 'git', './app.git', '--quiet');
    old = String(events((await run('list', '--json')).stdout)[0]?.['newest']);
    const work = path.join(place, 'work');
    await git(place, 'clone', '--quiet', source, work);
    await writeFile(path.join(work, 'README.md'), 'second\n');
    await git(work, 'rm', '--quiet', 'evil.txt');
    await git(work, 'add', '--all');
    await git(work, '-c', 'user.name=n', '-c', 'user.email=e@x', 'commit', '--quiet', '--message', 'second');
    await git(work, 'push', '--quiet', 'origin', 'HEAD', ':next');
    await run('backup', 'git', './app.git', '--quiet');
  });

  it('ls lists a folder, a file, everything, and an older state', async () => {
    const names = (stdout: string) =>
      events(stdout)
        .filter(({ event }) => event === 'file')
        .map(({ path: name }) => name);
    expect(names((await run('ls', 'app.git', '--json')).stdout)).to.include.members(['README.md', 'docs']);
    expect(names((await run('ls', 'app.git', 'docs/', '--recursive', '--json')).stdout)).to.deep.equal([
      'docs/a.md',
      'docs/deep/b.md',
    ]);
    expect(names((await run('ls', 'app.git', 'docs/a.md', '--json')).stdout)).to.deep.equal(['docs/a.md']);
    expect(names((await run('ls', 'app.git', '--json')).stdout)).to.not.include('evil.txt');
    expect(names((await run('ls', 'app.git', '--snapshot', old, '--json')).stdout)).to.include('evil.txt');
    expect((await run('ls', 'app.git', 'docs')).stdout).to.match(/folder +docs\/deep\/\n/);
  });

  it('cat prints a file of a snapshot, of a tag, of a commit', async () => {
    expect((await run('cat', 'app.git', 'README.md')).stdout).to.equal('second\n');
    expect((await run('cat', 'app.git', './README.md', '--snapshot', old)).stdout).to.equal('first\n');
    expect((await run('cat', 'app.git', 'README.md', '--ref', 'v1')).stdout).to.equal('first\n');
    const [{ content } = {}] = events((await run('cat', 'app.git', 'README.md', '--json')).stdout);
    expect(Buffer.from(String(content), 'base64').toString()).to.equal('second\n');
  });

  it('says what is wrong with a path or a name, and ends with 1 or 2', async () => {
    const cases: [string[], RegExp, number][] = [
      [['cat', 'app.git', 'docs'], /"docs" is a folder\n.*holdfast ls/, 2],
      [['cat', 'app.git', 'none.md'], /there is no "none.md" in commit/, 1],
      [['cat', 'app.git', '../../etc/passwd'], /leads out of the repository/, 2],
      [['ls', 'app.git', '--ref', 'nope'], /no ref or commit "nope"[^]*Its branches are main/, 1],
      [['ls', 'app.git', '--ref=--upload-pack=x'], /no ref or commit/, 1],
      [['diff', 'app.git', '--to', old], /has no snapshot before/, 1],
    ];
    for (const [args, message, code] of cases) {
      const result = await run(...args);
      expect(result.stderr, args.join(' ')).to.match(message);
      expect(result.code, args.join(' ')).to.equal(code);
    }
  });

  it('diff names the refs that moved, came and went, and with --files the files', async () => {
    const { stdout } = await run('diff', 'app.git', '--files', '--json');
    const all = events(stdout);
    expect(all.filter(({ event }) => event === 'ref').map(({ ref, to }) => [ref, to !== undefined])).to.deep.equal([
      ['refs/heads/main', true],
      ['refs/heads/next', false],
    ]);
    expect(all.filter(({ event }) => event === 'file').map((one) => [one['change'], one['path']])).to.deep.equal([
      ['changed', 'README.md'],
      ['removed', 'evil.txt'],
    ]);
  });
});
