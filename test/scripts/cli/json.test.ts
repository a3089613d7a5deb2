import { expect } from 'chai';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { commandLine, main } from '../../../scripts/cli/main.ts';
import { events, holdfast } from '../../support/command-line.ts';
import { startGitServer, type GitServer } from '../../support/git-server.ts';
import { inProcess } from '../../support/in-process.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../support/repositories.ts';

/** A command, what it ends with, and the events that it prints, each once. */
type Case = [args: string[], code: number, events: string[]];

/** Verbs that need AWS or records of GitHub: their tests check each line in the same way. */
const elsewhere = ['settings show', 'settings set', 'backup-item', 'efs-task', 'find', 'export'];

describe('holdfast --json', () => {
  const folder = useTemporaryFolders();
  let template: string;
  let server: GitServer;

  before(async () => {
    template = await folder();
    server = await startGitServer({ root: path.join(template, 'served') });
    await createRepository(path.join(template, 'served', 'empty.git'), { commits: 0 });
    await createRepository(path.join(template, 'served', 'odd name=1.git'), { files: { 'a.txt': 'a' } });
    await createRepository(path.join(template, 'served', 'full.git'), { files: { 'b.txt': 'other' } });
    const repository = path.join(template, 'served', 'odd name=1.git');
    const run = (...args: string[]) => inProcess(() => main(args), template);
    for (let time = 0; time < 2; time++) {
      expect((await run('backup', 'git', address(), './none', '--quiet')).code).to.equal(3);
      await addCommit(repository);
    }
    await cp(path.join(template, 'vault'), path.join(template, 'damaged'), { recursive: true });
    const damaged = path.join(template, 'damaged');
    for (const name of await readdir(damaged, { recursive: true })) {
      if (name.endsWith('.bundle')) await flipLastByte(path.join(damaged, name));
      if (name.endsWith('report.json')) await writeFile(path.join(damaged, name), '{}');
    }
    await writeFile(
      path.join(template, 'holdfast.json'),
      JSON.stringify({ vault: 'vault', backup: [{ source: 'git', addresses: ['./served/full.git'] }], drill: {} }),
    );
  });
  after(() => server.close());

  const address = (): string => `${server.url}/odd%20name=1.git`;
  /** As `list` prints it. */
  const item = (): string => `git/${new URL(server.url).host}/odd name=1`;

  const cases: Record<string, () => Case> = {
    'backup git': () => [
      ['backup', 'git', address(), './none', './served/full.git'],
      3,
      ['item', 'item', 'item', 'report'],
    ],
    'backup git, of nothing': () => [['backup', 'git'], 2, ['error']],
    'backup git --dry-run': () => [
      ['backup', 'git', address(), './none', '--dry-run'],
      3,
      ['would-back-up', 'would-back-up', 'plan'],
    ],
    'backup github, which cannot list': () => [['backup', 'github', 'acme', '--api-url', server.url], 1, ['report']],
    status: () => [['status'], 3, ['source']],
    'status of nothing': () => [['status', '--vault', 'none'], 1, ['error']],
    list: () => [['list'], 0, ['item', 'never-stored', 'total']],
    'list of nothing': () => [['list', '--vault', 'none'], 1, ['error']],
    show: () => [['show', item()], 0, ['snapshot', 'snapshot', 'refs']],
    'show of what is not there': () => [['show', 'git/x/y'], 1, ['error']],
    ls: () => [['ls', item(), '--recursive'], 0, ['file', 'file', 'file']],
    'ls of what is not there': () => [['ls', item(), 'none.txt'], 1, ['error']],
    cat: () => [['cat', item(), 'a.txt'], 0, ['file']],
    'cat of what is not there': () => [['cat', item(), 'none.txt'], 1, ['error']],
    diff: () => [['diff', item(), '--files'], 0, ['ref', 'file', 'total']],
    'diff without an earlier one': () => [['diff', item(), '--from', '1999'], 1, ['error']],
    verify: () => [['verify'], 0, ['snapshot', 'snapshot', 'chain', 'verified']],
    'verify of what is damaged': () => [
      ['verify', '--vault', 'damaged'],
      4,
      ['snapshot', 'snapshot', 'chain', 'verified', 'error', 'error'],
    ],
    drill: () => [['drill', '--all'], 0, ['drilled', 'drilled', 'total']],
    'drill of what is damaged': () => [['drill', '--vault', 'damaged'], 4, ['drilled', 'total']],
    'restore into a folder': () => [['restore', item(), '--to', 'new'], 0, ['restored']],
    'restore into a bundle': () => [['restore', item(), '--to', 'new.bundle', '--dry-run'], 0, ['would-restore']],
    'restore to a server': () => [['restore', item(), '--to', `${server.url}/empty.git`], 0, ['restored']],
    'restore --dry-run over something': () => [
      ['restore', item(), '--to', `${server.url}/full.git`, '--dry-run'],
      1,
      ['would-restore'],
    ],
    'restore over something': () => [['restore', item(), '--to', `${server.url}/full.git`], 1, ['error']],
    copy: () => [['copy', address(), '--to', './empty'], 0, ['copied']],
    'copy --dry-run': () => [['copy', address(), '--to', `${server.url}/full.git`, '--dry-run'], 1, ['would-copy']],
    'copy from where nothing is': () => [['copy', './none', '--to', `${server.url}/empty.git`], 1, ['error']],
    run: () => [['run'], 0, ['item', 'report', 'drilled', 'drilled', 'total']],
    'run of another file': () => [['run', '--config', 'none.json'], 2, ['error']],
    runs: () => [['runs'], 0, ['run', 'run']],
    'runs of nothing': () => [['runs', '--vault', 'none'], 1, ['error']],
    'runs that cannot be read': () => [['runs', '--vault', 'damaged'], 0, ['run', 'run']],
    report: () => [['report', 'git'], 3, ['report']],
    'report of nothing': () => [['report', 'github'], 1, ['error']],
    evidence: () => [['evidence'], 0, ['evidence']],
    'evidence of no day': () => [['evidence', '--from', 'May'], 2, ['error']],
    stats: () => [['stats'], 0, ['source', 'total']],
    'stats of another source': () => [['stats', 'svn'], 2, ['error']],
    prune: () => [['prune', '--keep-last', '1', '--reasons'], 0, ['stays', 'stays', 'total']],
    'prune --dry-run': () => [['prune', item(), '--keep-last', '1', '--dry-run'], 0, ['stays', 'stays', 'total']],
    'prune by what is no policy': () => [['prune', '--keep-last', '1', '--keep-days', '-1'], 2, []],
    doctor: () => [['doctor'], 0, ['finding', 'finding', 'finding', 'finding', 'finding']],
    'doctor of what cannot be read': () => [['doctor', '--vault', './holdfast.json'], 2, ['error']],
  };

  for (const [name, theCase] of Object.entries(cases))
    it(`prints what its schema describes, and items as people write them: ${name}`, async () => {
      const place = await folder();
      await cp(template, place, { recursive: true });
      await createRepository(path.join(place, 'empty'), { commits: 0 });
      const [args, code, expected] = theCase();
      // It starts processes of its own, as the program that it is.
      const start = args[0] === 'run' ? holdfast([...args, '--json'], { cwd: place }) : undefined;
      const ended = await (start ?? inProcess(() => main([...args, '--json']), place));
      const printed = events(ended.stdout, args[0]);
      expect(ended.code, ended.stdout + ended.stderr).to.equal(code);
      if (expected.length > 0) expect(printed.map(({ event }) => event)).to.have.members(expected);
      // What is damaged is named by its key, and so is what data is in.
      for (const { key: _, data: __, chain: ___, problems: ____, ...line } of printed)
        expect(JSON.stringify(line), 'a part of a key').to.not.match(/=3d|=20|=05/i);
      for (const line of printed)
        if (typeof line['address'] === 'string' && line['address'].includes('odd'))
          expect(line['address']).to.equal(item());
    });

  it('is tried with every verb', () => {
    const tried = Object.values(cases).map((one) => one()[0]);
    const missing: string[] = [];
    for (const verb of commandLine().commands) {
      if (!verb.options.some(({ long }) => long === '--json') || elsewhere.includes(verb.name())) continue;
      if (!tried.some(([name]) => name === verb.name())) missing.push(verb.name());
    }
    expect(missing).to.deep.equal([]);
  });
});

async function flipLastByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length - 1]! ^= 1;
  await rm(file);
  await writeFile(file, bytes);
}
