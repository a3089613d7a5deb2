import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { holdfast } from '../../support/command-line.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../support/repositories.ts';

const launcher = fileURLToPath(new URL('../../../scripts/cli/launch.mjs', import.meta.url));

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a line of shell in which `holdfast` is the program, in an environment that is empty but for the PATH. */
function shell(cwd: string, line: string): Promise<Ran> {
  const script = `holdfast() { '${process.execPath}' '${launcher}' "$@"; }; ${line}`;
  const options = { cwd, env: { PATH: process.env['PATH'] ?? '' }, timeout: 60_000 };
  return new Promise((resolve) => {
    const child = execFile('bash', ['--norc', '-c', script], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

/** Times, sizes and names of new snapshots differ from one run to the next. */
const alike = (text: string): string =>
  text.replace(/\d[\dTZ:.-]*/g, '#').replace(/[0-9a-f]{64}|[0-9a-f]{7,40}\b/g, '#');

describe('holdfast in bare surroundings', () => {
  const folder = useTemporaryFolders();
  let place: string;

  before(async () => {
    place = await folder();
    await createRepository(path.join(place, 'one'), { commits: 2, files: { 'a.txt': 'a\n' } });
    await createRepository(path.join(place, 'target'), { commits: 0 });
    await holdfast(['backup', 'git', 'one'], { cwd: place });
    await addCommit(path.join(place, 'one'));
    for (const vault of ['vault', 'other']) await holdfast(['backup', 'git', 'one', '--vault', vault], { cwd: place });
    await holdfast(['drill'], { cwd: place });
    await mkdir(path.join(place, 'none'));
    const config = { vault: 'other', backup: [{ source: 'git', addresses: ['one'] }] };
    await writeFile(path.join(place, 'holdfast.json'), JSON.stringify(config));
  });

  /** `printed`: what is asked for is what is printed, so that the verb fails where it cannot be. */
  const verbs: [line: string, kind: 'printed' | 'done'][] = [
    ['list', 'printed'],
    ['show one', 'printed'],
    ['ls one', 'printed'],
    ['cat one a.txt', 'printed'],
    ['diff one --files', 'printed'],
    ['find word', 'printed'],
    ['status', 'printed'],
    ['runs', 'printed'],
    ['report git', 'printed'],
    ['report --html page.html', 'printed'],
    ['stats', 'printed'],
    ['completion bash', 'printed'],
    ['--help', 'printed'],
    ['restore --help', 'printed'],
    ['--version', 'printed'],
    ['doctor', 'done'],
    ['verify', 'done'],
    ['drill', 'done'],
    ['prune --keep-last 9 --reasons', 'done'],
    ['backup git one --vault other', 'done'],
    ['backup git one --dry-run', 'done'],
    ['restore one --to new --dry-run', 'done'],
    ['restore --all --to everything --plan', 'done'],
    ['copy one --to target --dry-run', 'done'],
    ['run', 'done'],
  ];
  for (const [verb, kind] of verbs)
    it(`does and prints the same in any environment, and copes with streams that are closed or full: ${verb}`, async () => {
      const [usual, bare, noErrors, closed, full] = await Promise.all([
        shell(place, `HOME=/nonexistent TERM=xterm holdfast ${verb}`),
        shell(place, `CI=1 NO_COLOR=1 holdfast ${verb} <&-`),
        shell(place, `holdfast ${verb} 2>&-`),
        shell(place, `holdfast ${verb} <&- >&- 2>&-`),
        shell(place, `holdfast ${verb} > /dev/full`),
      ]);
      expect(usual.stderr).to.equal('');
      expect(usual.code).to.equal(0);
      for (const ran of [bare, noErrors])
        expect({ ...ran, stdout: alike(ran.stdout) }).to.deep.equal({ ...usual, stdout: alike(usual.stdout) });
      expect(closed).to.deep.equal({ code: 0, stdout: '', stderr: '' });
      expect(full.stderr).to.match(/^error: the output cannot be written: ENOSPC/m);
      expect(full.code).to.equal(kind === 'printed' ? 1 : 0);
    });

  it('keeps its exit code where an error cannot be printed', async () => {
    expect(await shell(place, 'holdfast show nothing 2>&-')).to.deep.equal({ code: 1, stdout: '', stderr: '' });
    expect(await shell(place, 'holdfast show nothing 2> /dev/full')).to.include({ code: 1, stdout: '' });
    expect(await shell(place, 'holdfast shwo 2> /dev/full')).to.include({ code: 2, stdout: '' });
  });

  it('restores and copies where nothing is set', async () => {
    const restored = await shell(place, 'holdfast restore one --to restored <&-');
    expect(restored).to.include({ code: 0, stderr: '' });
    const copied = await shell(place, 'holdfast copy one --to target <&-');
    expect(copied).to.include({ code: 0, stderr: '' });
  });

  it('says in one sentence that the current folder is gone', async () => {
    const { code, stderr } = await shell(place, 'mkdir gone; cd gone; rmdir ../gone; holdfast list');
    expect(stderr).to.equal(
      'error: the current folder does not exist any more\n  Change to another folder, and run the command again.\n',
    );
    expect(code).to.equal(2);
  });

  it('refuses arguments and lists that are not valid UTF-8, rather than take them for other names', async () => {
    const before = (await readdir(place)).sort();
    for (const args of [`backup git $'caf\\xe9'`, `show $'caf\\xe9'`, `restore one --to $'caf\\xe9'`]) {
      const { code, stderr } = await shell(place, `holdfast ${args}`);
      expect(stderr, args).to.match(
        /^error: an argument is not valid UTF-8[^\n]*\n {2}A ref is written as holdfast show/,
      );
      expect(code, args).to.equal(2);
    }
    const listed = await shell(place, `printf 'caf\\xe9\\n' | holdfast backup git --from -`);
    expect(listed.stderr).to.match(/^error: the addresses are not valid UTF-8\n {2}Save the list as UTF-8/);
    expect(listed.code).to.equal(2);
    expect((await readdir(place)).sort()).to.deep.equal(before);
    // The same character as text is a name like any other.
    expect((await shell(place, `holdfast show $'caf\\xef\\xbf\\xbd'`)).stderr).to.match(/holds no item "caf\ufffd"/);
  });

  describe('in a folder that cannot be written', () => {
    let readOnly: string;
    before(async function () {
      if (process.getuid?.() === 0) {
        this.test!.parent!.title += ' (needs a user other than root)';
        this.skip();
      }
      readOnly = path.join(place, 'read-only');
      await mkdir(readOnly);
      await chmod(readOnly, 0o555);
    });

    for (const verb of ['list', 'verify', 'drill', 'status', 'restore one --to ../elsewhere'])
      it(`works: ${verb}`, async () => {
        const { code, stderr } = await shell(readOnly, `holdfast ${verb} --vault ../vault`);
        expect(stderr).to.equal('');
        expect(code).to.equal(0);
      });

    for (const verb of [
      'backup git ../one',
      'restore one --to new --vault ../vault',
      'restore one --to new.bundle --vault ../vault',
      'restore --all --to new --vault ../vault',
      'restore one --path a.txt --to new --vault ../vault',
      'report --html page.html --vault ../vault',
    ])
      it(`says what cannot be written, and what to do: ${verb}`, async () => {
        const { code, stderr } = await shell(readOnly, `holdfast ${verb}`);
        expect(stderr)
          .to.match(/^error: .*\n {2}\w/)
          .and.to.not.include('fault of Holdfast');
        expect(code).to.equal(1);
      });
  });
});
