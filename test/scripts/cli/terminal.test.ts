import { expect } from 'chai';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import stringWidth from 'string-width';
import { commandLine } from '../../../scripts/cli/main.ts';
import { holdfast } from '../../support/command-line.ts';
import { slowBody } from '../../support/git-faults.ts';
import { startGitServer, type GitServer } from '../../support/git-server.ts';
import { startGitHub } from '../../support/github-server.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../support/repositories.ts';
import { answerWith, listen, type Listening } from '../../support/http-listener.ts';
import { onTerminal } from '../../support/terminal.ts';

const id = String.raw`\d{4}-\d{2}-\d{2}T\d{6}\.\d{3}Z`;
/** What a case may change. */
const copied = ['one', 'two', 'empty', 'vault', 'damaged', 'failing', 'grown', 'forum', 'holdfast.json'];
const seconds = String.raw`\d+\.\d s`;

/** A command, and every line that a person reads in the end, in order where nothing runs at once. */
interface Case {
  args: string[];
  code: number;
  lines: RegExp[];
  anyOrder?: boolean;
  env?: Record<string, string>;
}

/** What only a deployment starts. */
const internal = ['backup-item', 'efs-task'];

describe('holdfast on a terminal', () => {
  const folder = useTemporaryFolders();
  /** What every case begins with: repositories, and a vault that holds some of them. */
  let template: string;
  let server: GitServer;
  /** AWS as far as `settings` and `run` ask it: a secret, and no state machine. */
  let aws: Listening;

  before(async () => {
    template = await folder();
    for (const name of ['one', 'two', '日本語のリポジトリ'])
      await createRepository(path.join(template, name), { commits: 2 });
    await createRepository(path.join(template, 'empty'), { commits: 0 });
    const root = path.join(template, 'served');
    await createRepository(path.join(root, 'full.git'), { commits: 1, files: { 'of.txt': 'its own' } });
    await createRepository(path.join(root, 'data.git'), { commits: 20, files: { 'data.bin': noise(200_000) } });
    server = await startGitServer({ root });
    aws = await listen((request, response) => {
      const of = String(request.headers['x-amz-target']);
      const secret = { TOKEN_GITHUB: 'ghp_1', BACKUP_S3_BUCKET: 'vault-bucket', BACKUP_OWNER: 'acme' };
      const body = of.startsWith('secretsmanager') ? { SecretString: JSON.stringify(secret) } : { stateMachines: [] };
      const headers = { 'content-type': 'application/x-amz-json-1.1' };
      answerWith(response, { status: 200, headers, body: JSON.stringify(body) });
      return Promise.resolve();
    });
    const stored = await holdfast(['backup', 'git', 'one', '日本語のリポジトリ', '--quiet'], { cwd: template });
    expect(stored).to.deep.equal({ code: 0, stdout: '', stderr: '' });
    await holdfast(['backup', 'git', 'one', 'missing', '--vault', 'failing'], { cwd: template });
    await cp(path.join(template, 'vault'), path.join(template, 'damaged'), { recursive: true });
    await cp(path.join(template, 'vault'), path.join(template, 'grown'), { recursive: true });
    await cp(path.join(template, 'one'), path.join(template, 'before'), { recursive: true });
    await addCommit(path.join(template, 'one'));
    await holdfast(['backup', 'git', 'one', '--vault', 'grown'], { cwd: template });
    await rm(path.join(template, 'one'), { recursive: true });
    await cp(path.join(template, 'before'), path.join(template, 'one'), { recursive: true });
    await backUpIssues(template);
    await writeFile(
      path.join(template, 'holdfast.json'),
      JSON.stringify({ vault: 'new', backup: [{ source: 'git', addresses: ['one'] }], drill: {} }),
    );
    for (const name of await readdir(path.join(template, 'damaged'), { recursive: true }))
      if (name.endsWith('.bundle') && name.includes('one')) await flipLastByte(path.join(template, 'damaged', name));
  });
  after(async () => {
    await server.close();
    await aws.close();
  });

  it('is tried with every verb, well and not', () => {
    const tried = Object.values(cases());
    const verbs = commandLine()
      .commands.map((verb) => verb.name())
      .filter((name) => !internal.includes(name));
    const of = (verb: string) => tried.filter(({ args }) => args[0] === verb);
    expect(verbs.filter((verb) => of(verb).every(({ code }) => code !== 0))).to.deep.equal(['backup']);
    expect(verbs.filter((verb) => of(verb).every(({ code }) => code === 0))).to.deep.equal([]);
    expect(Object.keys(cases())).to.have.members(names);
  });

  /** Addresses in the template are those of its place; copies of it keep the vault's. */
  function cases(): Record<string, Case> {
    const one = String.raw`git/\S*/one`;
    const wide = String.raw`git/\S*/日本語のリポジトリ`;
    const secrets = {
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    const refused = `http://127.0.0.1:1/a/repository/whose/address/is/longer/than/any/of/these/terminals/is/wide.git`;
    return {
      'backup, of which one fails': {
        args: ['backup', 'git', path.join(template, 'one'), path.join(template, 'two'), path.join(template, 'missing')],
        code: 3,
        anyOrder: true,
        lines: [
          new RegExp(`^unchanged {2}\\S*/one {2}since ${id}$`),
          /^stored {5}\S*\/two {2}full, .*B, \d+ refs?$/,
          /^failed {5}\S*\/missing {2}SourceMissing: \S+\/missing .*\w$/,
          /^3 listed = 1 stored \+ 1 unchanged \+ 0 skipped \+ 1 failed; .* into \S+\/vault$/,
          new RegExp(`^report: runs/git/${id}/report\\.json$`),
        ],
      },
      'backup that cannot begin': {
        args: ['backup', 'git'],
        code: 2,
        lines: [/^error: no repository was named$/, /^ {2}holdfast backup git <url or folder>…, or --from <file>$/],
      },
      find: {
        args: ['find', 'broken', '--vault', 'forum'],
        code: 0,
        lines: [/^github\/acme\/api\/issues {2}issues\/1 {2}A broken 日本語 button {2}\(octo\)$/, /^1 record found$/],
      },
      'find where no vault is': {
        args: ['find', 'broken', '--vault', 'none'],
        code: 1,
        lines: [
          /^error: there is no folder \S+\/none$/,
          /^ {2}Check --vault and HOLDFAST_VAULT\. The first backup into a place makes it a vault\.$/,
        ],
      },
      export: {
        args: ['export', 'github/acme/api/issues', '--vault', 'forum', '--to', 'files'],
        code: 0,
        lines: [/^\d+ records in \d+ files?, .*B, written to \S+\/files$/],
      },
      'export into what is full': {
        args: ['export', 'github/acme/api/issues', '--vault', 'forum', '--to', 'one'],
        code: 1,
        lines: [
          /^error: \S+\/one is not an empty folder$/,
          /^ {2}Name a folder that is empty or not there yet: nothing is ever overwritten\.$/,
        ],
      },
      list: {
        args: ['list'],
        code: 0,
        anyOrder: true,
        lines: [
          /^item +snapshots +size +newest +age +state$/,
          new RegExp(`^${one} .* {2}1 snapshot +.*B +${id} +0 min$`),
          new RegExp(`^${wide} +1 snapshot +.*B +${id} +0 min$`),
          /^2 items, 2 snapshots, .*B in \S+\/vault$/,
        ],
      },
      'list of an unknown source': {
        args: ['list', 'gitt'],
        code: 2,
        lines: [/^error: .*gitt.*did you mean git or gitea\?$/, /^ {2}The sources are/],
      },
      show: {
        args: ['show', 'one'],
        code: 0,
        lines: [
          new RegExp(`^${one}$`),
          new RegExp(`^ {2}${id} {2}full {2}.*B`),
          /^$/,
          new RegExp(`^1 ref in ${id}; HEAD at refs/heads/main$`),
          /^ {2}[0-9a-f]{40} {2}refs\/heads\/main$/,
        ],
      },
      'show of what is not there': { args: ['show', 'three'], code: 1, lines: [/^error: .*three/, /^ {2}\w/] },
      verify: {
        args: ['verify'],
        code: 0,
        lines: [
          /^git: the chain of 1 report over 2 snapshots is whole$/,
          /^ {2}root [0-9a-f]{64} {2}runs\/git\/\S+\/report\.json$/,
          new RegExp(`^2 snapshots, .*B read in ${seconds}: all intact$`),
        ],
      },
      'verify of what is damaged': {
        args: ['verify', '--vault', 'damaged'],
        code: 4,
        lines: [
          new RegExp(`^damaged {2}${one} ${id}: \\S+\\.bundle.*\\w$`),
          /^git: the chain of 1 report over 2 snapshots is whole$/,
          /^ {2}root [0-9a-f]{64} {2}runs\/git\/\S+\/report\.json$/,
          new RegExp(`^2 snapshots, .*B read in ${seconds}: 1 damaged$`),
          /^error: 1 snapshot of 2 is damaged$/,
          /^ {2}The next backup of these items takes a full snapshot\. .*\.$/,
        ],
      },
      drill: {
        args: ['drill'],
        code: 0,
        anyOrder: true,
        lines: [
          new RegExp(`^restores {2}${one} ${id} {2}1 ref, 6 objects, .*B$`),
          new RegExp(`^restores {2}${wide} ${id} {2}1 ref, 6 objects, .*B$`),
          new RegExp(`^2 snapshots drilled in ${seconds}: all restore$`),
        ],
      },
      'drill of what is damaged': {
        args: ['drill', 'one', '--vault', 'damaged'],
        code: 4,
        lines: [
          new RegExp(`^damaged {3}${one} ${id}: \\S+\\.bundle.*\\w$`),
          new RegExp(`^1 snapshot drilled in ${seconds}: 1 damaged$`),
        ],
      },
      'restore into a folder': {
        args: ['restore', 'one', '--to', 'new'],
        code: 0,
        lines: [
          new RegExp(`^${one}, snapshot ${id}: 1 ref, .*B in 1 object$`),
          /^restored to new; try: git -C new log --all --oneline$/,
          new RegExp(`^done in ${seconds}$`),
        ],
      },
      'restore into what is full': {
        args: ['restore', 'one', '--to', 'two'],
        code: 1,
        lines: [/, snapshot /, /^error: \S+\/two is not empty$/, /^ {2}A restore never overwrites anything: .*\.$/],
      },
      'restore to a server that refuses': {
        args: ['restore', 'one', '--to', `${server.url}/full.git`],
        code: 1,
        lines: [
          /, snapshot /,
          /^error: http\S+\/full\.git is not empty: refs\/heads\/main$/,
          /^ {2}Restore into .*\.$/,
        ],
      },
      copy: {
        args: ['copy', 'one', '--to', 'empty'],
        code: 0,
        lines: [/^1 ref copied to \S+\/empty, 0 unchanged$/],
      },
      'copy from where nobody answers': {
        args: ['copy', refused, '--to', 'two'],
        code: 1,
        lines: [
          /^error: cannot reach http:\/\/127\.0\.0\.1:1: connect ECONNREFUSED 127\.0\.0\.1:1$/,
          /^ {2}Check the .*\.$/,
        ],
      },
      prune: {
        args: ['prune', '--keep-last', '1', '--dry-run'],
        code: 0,
        lines: [/^stays {2}.* newest 1$/, /^stays {2}.*\/one .* newest 1$/, /^nothing to remove$/],
      },
      'prune by what is no policy': {
        args: ['prune', '--keep-last', '0'],
        code: 2,
        lines: [
          /^error: option '--keep-last <n>' argument '0' is invalid\. .*\.$/,
          /^\(add --help to see what there is\)$/,
        ],
      },
      doctor: {
        args: ['doctor'],
        code: 0,
        lines: [
          /^(good|note) {2}Holdfast .* on Node\.js .*/,
          ...(Number.parseInt(process.versions.node) < 22 ? [/^ {6}Install Node\.js 22 or newer; .*\.$/] : []),
          /^good {2}git .* is on the PATH$/,
          /^good {2}the vault \S+\/vault can be read$/,
          /^good {2}the vault \S+\/vault can be written$/,
          /^note {2}there is no GitHub token: .*hour$/,
          /^ {6}Set GITHUB_TOKEN.*\.$/,
        ],
      },
      'doctor of a vault that is a file': {
        args: ['doctor', '--vault', 'one/HEAD'],
        code: 2,
        lines: [/^error: one\/HEAD is a file, so it is not a valid vault location$/, /^ {2}Give the .*\.$/],
      },
      status: {
        args: ['status'],
        code: 0,
        lines: [
          /^git$/,
          /^ {2}protected +2 items, 2 snapshots, .*B$/,
          /^ {2}newest snapshot +0 min ago$/,
          /^ {2}last run +complete, 0 min ago$/,
          /^ {2}proven +0 of 2 newest snapshots$/,
        ],
      },
      'status of what keeps failing': {
        args: ['status', '--vault', 'failing'],
        code: 3,
        lines: [
          /^git$/,
          /^ {2}protected /,
          /^ {2}newest snapshot /,
          /^ {2}last run +partial, /,
          /^ {2}proven /,
          /^ {2}failing: holdfast report has the reasons in full$/,
          /^ {4}\S+\/missing {2}\(1 run in a row\) SourceMissing: .*\w$/,
        ],
      },
      runs: {
        args: ['runs'],
        code: 0,
        lines: [
          new RegExp(`^git +${id} +complete +2 items +2 stored, 0 failed +.*B in .*s$`),
          /^1 run; holdfast report <source> prints the newest, --run an earlier one$/,
        ],
      },
      'runs of a vault that is not there': {
        args: ['runs', '--vault', 'nowhere'],
        code: 1,
        lines: [/^error: there is no folder \S+\/nowhere$/, /^ {2}Check --vault .*\.$/],
      },
      report: {
        args: ['report', 'git'],
        code: 0,
        anyOrder: true,
        lines: [
          new RegExp(`^git ${id}: complete$`),
          /^stored {5}\S*\/one {2}full$/,
          /^stored {5}\S*\/日本語のリポジトリ {2}full$/,
          /^2 listed = 2 stored \+ 0 unchanged \+ 0 skipped \+ 0 failed$/,
          new RegExp(`^report: \\S+/vault/runs/git/${id}/report\\.json$`),
        ],
      },
      'report of a run that failed in part': {
        args: ['report', 'git', '--vault', 'failing'],
        code: 3,
        anyOrder: true,
        lines: [
          new RegExp(`^git ${id}: partial$`),
          /^stored {5}\S*\/one {2}full$/,
          /^failed {5}\S*\/missing {2}SourceMissing: .*\w$/,
          /^2 listed = 1 stored \+ 0 unchanged \+ 0 skipped \+ 1 failed$/,
          /^report: /,
        ],
      },
      evidence: {
        args: ['evidence', '--from', '2026-01-01', '--to', '2099-12-31', '--folder', 'proof'],
        code: 0,
        lines: [/^proof: 1 run, 0 drills and 0 exceptions of 1 source$/],
      },
      'evidence into what is full': {
        args: ['evidence', '--folder', '.'],
        code: 2,
        lines: [/^error: \. is not empty$/, /^ {2}Give a new folder by --folder: .*\.$/],
      },
      stats: {
        args: ['stats'],
        code: 0,
        lines: [
          /^git +2 items +2 snapshots +.*B +\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d$/,
          /^$/,
          /^The largest:$/,
          /^ +\d.*B {2}git\//,
          /^ +\d.*B {2}git\//,
        ],
      },
      'stats of an unknown source': {
        args: ['stats', 'gtihub'],
        code: 2,
        lines: [/^error: "gtihub" is not a source; did you mean github\?$/, /^ {2}The sources are/],
      },
      ls: {
        args: ['ls', 'one'],
        code: 0,
        lines: [/^ *\d+ B {2}\S+$/, new RegExp(`^1 entry in commit [0-9a-f]{12}, snapshot ${id}$`)],
      },
      'ls of a folder that is not there': {
        args: ['ls', 'one', 'no/such/folder'],
        code: 1,
        lines: [/^error: .*no\/such\/folder/, /^ {2}\w.*\.$/],
      },
      cat: { args: ['cat', 'one', 'number.txt'], code: 0, lines: [/^.+$/] },
      'cat of a file that is not there': {
        args: ['cat', 'one', 'none.txt'],
        code: 1,
        lines: [/^error: .*none\.txt/, /^ {2}\w.*\.$/],
      },
      diff: {
        args: ['diff', 'one', '--files', '--vault', 'grown'],
        code: 0,
        lines: [
          new RegExp(`^${one}: from ${id} to ${id}$`),
          /^~ {2}refs\/heads\/main {2}[0-9a-f]{12} → [0-9a-f]{12}$/,
          /^\+ {2}\S+$/,
          /^1 ref and 1 file changed$/,
        ],
      },
      'diff without an earlier snapshot': {
        args: ['diff', 'one'],
        code: 1,
        lines: [new RegExp(`^error: ${one} has no snapshot before ${id}$`), /^ {2}It is the only one: .*\.$/],
      },
      'settings show': {
        args: ['settings', 'show'],
        code: 0,
        env: secrets,
        lines: [/^TOKEN_GITHUB +\(set\)$/, /^BACKUP_S3_BUCKET +vault-bucket$/, /^BACKUP_OWNER +acme$/],
      },
      'settings set to what no run would take': {
        args: ['settings', 'set', 'BACKUP_OWNR', 'acme'],
        code: 2,
        env: secrets,
        lines: [/^error: .*BACKUP_OWNR.*did you mean BACKUP_OWNER\?$/],
      },
      completion: { args: ['completion', 'bash'], code: 0, lines: [] },
      'completion for no shell': {
        args: ['completion', 'cmd'],
        code: 2,
        lines: [/^error: .*'cmd'.*Allowed choices are bash, zsh, fish\.$/, /^\(add --help to see what there is\)$/],
      },
      'run of a configuration file': {
        args: ['run', '--config', 'holdfast.json'],
        code: 0,
        lines: [
          /^holdfast backup git --vault=new -- one$/,
          /^stored {5}\S*\/one {2}full, /,
          /^1 listed = 1 stored /,
          /^report: /,
          /^holdfast drill --vault=new$/,
          /^restores {2}git\//,
          /^1 snapshot drilled in .*: all restore$/,
        ],
      },
      'run of a deployment that is not there': {
        args: ['run', 'github'],
        code: 1,
        env: secrets,
        lines: [
          /^error: there is no state machine holdfast-github in this account and region$/,
          /^ {2}Check AWS_PROFILE .*\.$/,
        ],
      },
      help: { args: ['--help'], code: 0, lines: [], anyOrder: true },
    };
  }

  const names = [
    'find',
    'find where no vault is',
    'export',
    'export into what is full',
    'backup, of which one fails',
    'backup that cannot begin',
    'list',
    'list of an unknown source',
    'show',
    'show of what is not there',
    'verify',
    'verify of what is damaged',
    'drill',
    'drill of what is damaged',
    'restore into a folder',
    'restore into what is full',
    'restore to a server that refuses',
    'copy',
    'copy from where nobody answers',
    'prune',
    'prune by what is no policy',
    'doctor',
    'doctor of a vault that is a file',
    'status',
    'status of what keeps failing',
    'runs',
    'runs of a vault that is not there',
    'report',
    'report of a run that failed in part',
    'evidence',
    'evidence into what is full',
    'stats',
    'stats of an unknown source',
    'ls',
    'ls of a folder that is not there',
    'cat',
    'cat of a file that is not there',
    'diff',
    'diff without an earlier snapshot',
    'settings show',
    'settings set to what no run would take',
    'completion',
    'completion for no shell',
    'run of a configuration file',
    'run of a deployment that is not there',
    'help',
  ];
  for (const name of names)
    it(`ends by itself, and leaves each line whole at 40, 80 and 120 columns: ${name}`, async () => {
      const { args, code, lines, anyOrder, env } = cases()[name]!;
      await Promise.all(
        [40, 80, 120].map(async (columns) => {
          const cwd = await folder();
          for (const part of copied) await cp(path.join(template, part), path.join(cwd, part), { recursive: true });
          const ended = await onTerminal(args, { cwd, columns, ...(env ? { env } : {}) });
          expect(ended.code, ended.lines.join('\n')).to.equal(code);
          expect(ended.printed, 'the cursor is left hidden').to.satisfy(showsCursor);
          if (lines.length === 0) return;
          if (anyOrder === true) {
            expect(ended.lines).to.have.length(lines.length);
            for (const line of lines)
              expect(
                ended.lines.filter((one) => line.test(one)),
                String(line),
              ).to.have.length(1);
          } else expect(ended.lines).to.satisfy((found: string[]) => matches(found, lines), ended.lines.join('\n'));
        }),
      );
    });

  it('draws how far it is, in two lines that go in the end', async () => {
    const seen = new Set<string>();
    const cwd = await folder();
    server.faults.push(slowBody({ bytesPerSecond: 60_000 }, { on: 'fetch', path: /data/ }));
    const { lines, code } = await onTerminal(['backup', 'git', `${server.url}/data.git`], {
      cwd,
      onScreen: (screen) => screen.forEach((line) => seen.add(line)),
    });
    server.faults.length = 0;
    expect(code).to.equal(0);
    expect([...seen].join('\n'))
      .to.match(/^[█░]{24} 0\/1 · .*B · .*B\/s · 0:0\d$/m)
      .and.to.match(/^receiving: \S+data$/m);
    expect(lines).to.have.length(3);
    expect(lines.join('\n')).to.not.match(/[█░]|receiving/);
  });

  it('draws colours and no more than that with --quiet off, and none of both where they are unwanted', async () => {
    const cwd = await folder();
    await cp(path.join(template, 'one'), path.join(cwd, 'one'), { recursive: true });
    const backup = ['backup', 'git', 'one'];
    expect((await onTerminal(backup, { cwd })).printed).to.include('\u001b[32mstored');
    expect((await onTerminal([...backup, '--full'], { cwd, env: { NO_COLOR: '1' } })).printed).to.not.include(
      '\u001b[3',
    );
    for (const env of [{ TERM: 'dumb' }, { TERM: 'dumb', COLORTERM: 'truecolor' }])
      expect((await onTerminal([...backup, '--full'], { cwd, env })).printed).to.not.include('\u001b');
    expect((await onTerminal([...backup, '--quiet'], { cwd })).printed).to.equal('');
    for (const line of (await onTerminal([...backup, '--json'], { cwd })).printed.trim().split(/\r?\n/))
      expect(() => JSON.parse(line) as unknown, line).to.not.throw();
  });

  it('aligns columns by how wide a terminal draws them', async () => {
    const { lines } = await onTerminal(['list'], { cwd: template, columns: 200 });
    const widths = lines.slice(1, 3).map((line) => stringWidth(line.slice(0, line.indexOf('1 snapshot'))));
    expect(widths[0]).to.equal(widths[1]);
  });

  it('says what is kept when Ctrl-C stops it, and ends with 130', async () => {
    const cwd = await folder();
    await cp(path.join(template, 'empty'), path.join(cwd, 'empty'), { recursive: true });
    server.faults.push(slowBody({ bytesPerSecond: 20_000 }, { on: 'fetch', path: /data/ }));
    let typed = false;
    const { code, lines } = await onTerminal(['copy', `${server.url}/data.git`, '--to', 'empty'], {
      cwd,
      onScreen: (screen, type) => {
        if (typed || !screen.some((line) => line.startsWith('receiving'))) return;
        typed = true;
        type('\u0003');
      },
    });
    server.faults.length = 0;
    expect(lines.map((line) => line.replace('^C', ''))).to.deep.equal([
      'Stopping … Ctrl-C again ends at once.',
      'error: stopped by Ctrl-C',
      '  What the target has accepted stays there. Run the same command again to copy the rest.',
    ]);
    expect(code).to.equal(130);
  });
});

function matches(found: string[], lines: RegExp[]): boolean {
  return found.length === lines.length && lines.every((line, at) => line.test(found[at] ?? ''));
}

/** Whatever hides the cursor shows it again. */
function showsCursor(printed: string): boolean {
  return printed.lastIndexOf('\u001b[?25h') >= printed.lastIndexOf('\u001b[?25l');
}

async function flipLastByte(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length - 1]! ^= 1;
  await rm(file);
  await writeFile(file, bytes);
}

/** Text that does not compress away, the same each time. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (state % 94));
  }).join('');
}

/** A vault with an issue of a repository at GitHub. */
async function backUpIssues(place: string): Promise<void> {
  const token = 'ghp_octoOctoOctoOctoOctoOctoOctoOcto0001';
  const github = await startGitHub({
    root: path.join(place, 'github'),
    accounts: [{ login: 'octo' }, { login: 'acme', type: 'Organization', members: ['octo'] }],
    tokens: { [token]: 'octo' },
  });
  github.contentOf(await github.addRepository('acme/api', {})).openIssue('A broken 日本語 button', 'It sticks');
  const args = ['acme', '--api-url', github.apiUrl, '--datasets', 'issues', '--vault', 'forum', '--quiet'];
  const stored = await holdfast(['backup', 'github', ...args], { cwd: place, env: { GITHUB_TOKEN: token } });
  await github.close();
  expect(stored).to.deep.equal({ code: 0, stdout: '', stderr: '' });
}
