import { expect } from 'chai';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { events, holdfast } from '../../support/command-line.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

describe('holdfast: bad input', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let repository: string;
  const run = (...args: string[]) => holdfast(args, { cwd: place });

  before(async () => {
    place = await folder();
    repository = await createRepository(path.join(place, 'app.git'), { commits: 1 });
    await run('backup', 'git', repository);
  });

  const usage: [string, string[], RegExp][] = [
    ['an unknown verb', ['bakup'], /unknown command 'bakup'[^]*Did you mean backup/],
    ['an unknown option', ['list', '--frob'], /unknown option '--frob'/],
    ['no repository', ['backup', 'git'], /no repository was named\n {2}holdfast backup git <url or folder>/],
    ['an ssh address', ['backup', 'git', 'git@github.com:a/b.git'], /ssh[^]*Write https:/],
    ['a pattern that can match no ref', ['backup', 'git', '.', '--refs', 'main'], /--refs main can match no ref/],
    ['a number that is none', ['backup', 'git', '.', '--concurrency', 'many'], /whole number/],
    [
      'a vault that is none',
      ['list', '--vault', 'ftp://x/y'],
      /is not a valid vault location\n {2}Give a folder, or s3:/,
    ],
    ['a source that is none', ['list', 'svn'], /"svn" is not a source\n {2}The sources are github/],
    ['a list that cannot be read', ['backup', 'git', '--from', 'nowhere'], /cannot read the addresses/],
  ];
  for (const [what, args, message] of usage) {
    it(`answers ${what} with what is wrong and what to do, and exits with 2`, async () => {
      const { code, stderr, stdout } = await run(...args);
      expect(stderr).to.match(message);
      expect(stdout).to.equal('');
      expect(code).to.equal(2);
    });
  }

  it('refuses a password inside a URL, says where to put it, and does not repeat it', async () => {
    const { code, stderr, stdout } = await run('backup', 'git', 'https://me:hunter2secret@example.com/a/b.git');
    expect(code).to.equal(2);
    expect(stderr).to.match(/\.netrc[^]*machine example\.com login <user> password <password>/);
    expect(stderr + stdout).to.not.include('hunter2secret');
  });

  it('answers what a newcomer tries too early with the next step', async () => {
    const compared = await run('diff', repository);
    expect(compared.stderr).to.match(/has no snapshot before [^\n]*\n {2}It is the only one: /);
    const searched = await run('find', 'word');
    expect(searched.stdout).to.match(/^0 records found\nnothing was searched: /);
    const pruned = await run('prune', '--keep-last', '1');
    expect(pruned.stdout).to.equal('nothing to remove; --reasons shows why each snapshot stays\n');
    const copied = await run('copy', repository, '--to', './new folder');
    expect(copied.stderr).to.match(
      /new folder is not a Git repository\n {2}A copy needs .*git init --bare ".*new folder"\n$/,
    );
    expect(copied.code).to.equal(1);
    const missing = await run('copy', './nowhere', '--to', repository);
    expect(missing.stderr).to.match(/nowhere is not a Git repository\n$/);
  });

  it('answers an item that the vault does not hold, and exits with 1', async () => {
    const { code, stderr } = await run('restore', 'nothing', '--to', 'x');
    expect(code).to.equal(1);
    expect(stderr).to.match(/holds no item "nothing"\n {2}holdfast list/);
  });

  it('answers a snapshot that the item does not have with those that it has', async () => {
    const { code, stderr } = await run('restore', repository, '--snapshot', '1999', '--to', 'x');
    expect(code).to.equal(1);
    expect(stderr).to.match(/has no snapshot "1999"\n {2}Its newest are \d{4}-/);
  });

  it('exits with 1 when nothing could be backed up and with 3 when something could', async () => {
    expect((await run('backup', 'git', 'nowhere')).code).to.equal(1);
    const partial = await run('backup', 'git', 'nowhere', repository);
    expect(partial.code).to.equal(3);
    expect(partial.stdout).to.match(/^failed .*nowhere {2}SourceMissing: /m);
  });

  it('exits with 4 when it finds damage, names it, and takes a full snapshot the next time', async () => {
    const [, item] = events((await run('backup', 'git', repository, '--full', '--json')).stdout).reverse();
    const shown = events((await run('show', repository, '--json')).stdout).filter(({ event }) => event === 'snapshot');
    const key = JSON.stringify(shown.at(-1)).match(/git\/[^"]*repository\.bundle/)?.[0] ?? '';
    const file = path.join(place, 'vault', key);
    const bytes = await readFile(file);
    bytes[bytes.length - 30]! ^= 1;
    await writeFile(file, bytes);
    const verified = await run('verify');
    expect(verified.code).to.equal(4);
    expect(verified.stdout).to.match(/^damaged .*does not match the SHA-256 in its manifest$/m);
    expect((await run('restore', repository, '--to', 'damaged')).code).to.equal(4);
    expect(item).to.include({ outcome: 'stored' });
    expect((await run('backup', 'git', repository)).stdout).to.match(/full, [^]*damaged/);
    expect((await run('drill', repository)).code).to.equal(0);
  });

  it('shows a stack trace with --debug only', async () => {
    expect((await run('show', 'nothing')).stderr).to.not.include('    at ');
    expect((await run('show', 'nothing', '--debug')).stderr).to.include('    at ');
  });

  it('keeps control characters of names away from the terminal', async () => {
    const evil = path.join(place, 'a\u001b]0;owned\u0007b');
    await mkdir(evil);
    const { stdout } = await run('backup', 'git', evil);
    expect(stdout)
      .to.match(/^failed/m)
      .and.not.include('\u001b')
      .and.not.include('\u0007');
  });

  it('reads addresses from a file and from standard input, without comments and empty lines', async () => {
    await writeFile(path.join(place, 'list'), `# ours\n\n  ${repository}  \n`);
    expect((await run('backup', 'git', '--from', 'list')).stdout).to.include('1 listed');
    const piped = await holdfast(['backup', 'git', '--from', '-'], { cwd: place, input: `${repository}\n` });
    expect(piped.stdout).to.include('1 listed');
  });
});
