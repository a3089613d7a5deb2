import { expect } from 'chai';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { askedScope } from '../../../scripts/cli/asked-scope.ts';
import { applies } from '../../../scripts/cli/applicable.ts';
import { restoreScope } from '../../../scripts/cli/commands/restore/scope.ts';
import { commandLine, main } from '../../../scripts/cli/main.ts';
import { inProcess } from '../../support/in-process.ts';
import { createRepository, useTemporaryFolders } from '../../support/repositories.ts';

const output = ['--json', '--quiet', '--debug'];
const repositories = ['folder', 'bundle', 'local', 'server', 'github', 'codecommit'];
const servers = ['local', 'server', 'github', 'codecommit'];
const packages = ['packages-folder', 'packages-registry'];
const all = ['all-folder', 'all-urls', 'all-github', 'all-codecommit', 'all-codeartifact'];
const allServers = all.slice(1);
const everySort = [...repositories, ...packages, ...all, 'efs'];

/** A restore of each sort. None of the items is there, and nothing is reached over the network. */
const restores: Record<string, string[]> = {
  folder: ['restore', 'github/acme/website', '--to', './new'],
  bundle: ['restore', 'github/acme/website', '--to', './new.bundle'],
  local: ['restore', 'github/acme/website', '--to', 'file:///nowhere/new.git'],
  server: ['restore', 'github/acme/website', '--to', 'https://git.invalid/new.git'],
  github: ['restore', 'github/acme/website', '--to', 'https://github.com/acme/new'],
  codecommit: ['restore', 'github/acme/website', '--to', 'codecommit::eu-central-1://new'],
  'packages-folder': ['restore', 'codeartifact/123456789012/eu-central-1/d/r', '--to', './packages'],
  'packages-registry': ['restore', 'codeartifact/123456789012/eu-central-1/d/r', '--to', 'company/libraries'],
  'all-folder': ['restore', 'github/acme', '--all', '--to', './new'],
  'all-urls': ['restore', 'github/acme', '--all', '--to', 'https://git.invalid/acme'],
  'all-github': ['restore', 'github/acme', '--all', '--to', 'github:acme'],
  'all-codecommit': ['restore', 'github/acme', '--all', '--to', 'codecommit::eu-central-1'],
  'all-codeartifact': ['restore', 'codeartifact/123456789012', '--all', '--to', 'codeartifact:company'],
  efs: ['restore', 'efs/home'],
};

/** For which sorts of restores each option is. */
const restoreOptions: Record<string, { value?: string; for: string[] }> = {
  '--to': { value: './x', for: everySort },
  '--vault': { value: './vault', for: [...repositories, ...packages, ...all] },
  '--snapshot': { value: '2026', for: [...repositories, ...packages, 'efs'] },
  '--at': { value: '2026-03', for: [...repositories, ...packages, ...all] },
  '--dry-run': { for: everySort },
  '--plan': { for: everySort },
  '--all': { for: everySort.filter((sort) => sort !== 'efs') },
  '--bundles': { for: ['all-folder'] },
  '--checkout': { for: ['folder'] },
  '--refs': { value: 'refs/heads/*', for: ['folder', ...servers] },
  '--overwrite': { value: 'refs/heads/*', for: servers },
  '--stall-seconds': { value: '9', for: [...servers, 'packages-registry', ...allServers] },
  '--no-credential-helpers': { for: ['server', 'github', 'all-urls', 'all-github'] },
  '--token-file': { value: 'token', for: ['github', 'all-urls', 'all-github'] },
  '--secret': { for: ['github', 'server', 'all-urls', 'all-github'] },
  '--api-url': { value: 'https://api.github.com', for: ['github', 'all-urls', 'all-github'] },
  '--create': { for: ['codecommit', 'packages-registry', 'all-github', 'all-codecommit', 'all-codeartifact'] },
  '--datasets': { value: 'code', for: ['all-github'] },
  '--visibility': { value: 'stored', for: ['all-github'] },
  '--assignees': { for: ['all-github'] },
  '--creations-per-minute': { value: '80', for: ['all-github'] },
  '--issue': { value: '17', for: [] },
  '--release': { value: 'v1', for: [] },
  '--labels': { for: [] },
  '--git-endpoint': { value: 'https://x.invalid', for: ['codecommit', 'all-codecommit'] },
  '--region': { value: 'eu-central-1', for: ['packages-registry', 'all-codeartifact'] },
  '--domain-owner': { value: '123456789012', for: ['packages-registry', 'all-codeartifact'] },
  '--concurrency': { value: '2', for: [...packages, ...all] },
  '--path': { value: '/docs', for: ['folder', 'efs'] },
  '--ref': { value: 'main', for: ['folder', ...servers] },
  '--as': { for: servers, value: 'x' },
  '--in-place': { for: ['efs'] },
  '--delete': { for: ['efs'] },
  '--yes': { for: [] },
  '--verify': { value: 'all', for: ['efs'] },
  '--no-follow': { for: ['efs'] },
  '--deployment': { value: 'other', for: ['efs'] },
};

const asked: Record<string, Record<string, string[]>> = {
  list: { vault: ['list', 'github'], packages: ['list', 'codeartifact'], efs: ['list', 'efs'] },
  show: {
    vault: ['show', 'github/acme/website'],
    packages: ['show', 'codeartifact/123456789012/eu-central-1/d/r'],
    efs: ['show', 'efs/home'],
  },
  verify: {
    vault: ['verify', 'github/acme/website'],
    packages: ['verify', 'codeartifact/123456789012/eu-central-1/d/r'],
    efs: ['verify', 'efs/home'],
  },
};

const ofVault = ['vault', 'packages'];
const askedOptions: Record<string, Record<string, { value?: string; for: string[] }>> = {
  list: {
    '--vault': { value: './vault', for: ofVault },
    '--stale-after': { value: '24', for: ofVault },
    '--restore-time': { for: ofVault },
    '--deployment': { value: 'other', for: ['efs'] },
  },
  show: {
    '--vault': { value: './vault', for: ofVault },
    '--deployment': { value: 'other', for: ['efs'] },
    '--snapshot': { value: '2026', for: [...ofVault, 'efs'] },
    '--at': { value: '2026-03', for: ofVault },
    '--refs': { for: ['vault'] },
  },
  verify: {
    '--vault': { value: './vault', for: ofVault },
    '--deployment': { value: 'other', for: ['efs'] },
    '--snapshot': { value: '2026', for: [...ofVault, 'efs'] },
    '--concurrency': { value: '2', for: ofVault },
    '--chain': { for: ofVault },
    '--root': { value: '0'.repeat(64), for: ofVault },
    '--no-follow': { for: ['efs'] },
  },
};

/** Verbs, beside those of backup, whose options apply to whatever they are used on, or are refused for reasons that tests of their own have. */
const indifferent = [
  'drill',
  'copy',
  'run',
  'prune',
  'doctor',
  'completion',
  'ls',
  'cat',
  'find',
  'export',
  'diff',
  'status',
  'runs',
  'report',
  'evidence',
  'stats',
  'settings show',
  'settings set',
  'backup-item',
  'efs-task',
];

describe('options of the command line', () => {
  const folder = useTemporaryFolders();
  let place: string;
  before(async () => (place = await folder()));
  const run = (args: string[]) => inProcess(() => main(args), place);

  function property(flag: string): string {
    return flag.replace(/^--(no-)?/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  }

  for (const [sort, args] of Object.entries(restores)) {
    for (const [flag, { value, for: sorts }] of Object.entries(restoreOptions)) {
      if (sorts.includes(sort)) {
        // Which GitHub a secret is for, and whether the target is there, is known once it is read.
        if (flag === '--secret' && sort === 'server') continue;
        it(`restore (${sort}) takes ${flag}`, () => {
          expect(applies(restoreScope, property(flag), sort as never)).to.equal(true);
        });
        continue;
      }
      it(`restore (${sort}) refuses ${flag} and says what it is for`, async () => {
        const { code, stderr, stdout } = await run([...args, flag, ...(value === undefined ? [] : [value])]);
        expect(stderr).to.match(new RegExp(`^error: ${flag} does not apply [^]*\n {2}${flag} \\w+`));
        expect(stdout).to.equal('');
        expect(code).to.equal(2);
      });
    }
  }

  for (const [verb, sorts] of Object.entries(asked)) {
    for (const [sort, args] of Object.entries(sorts)) {
      for (const [flag, { value, for: allowed }] of Object.entries(askedOptions[verb]!)) {
        if (allowed.includes(sort)) {
          it(`${verb} (${sort}) takes ${flag}`, () => {
            expect(applies(askedScope(''), property(flag), sort as never)).to.equal(true);
          });
          continue;
        }
        it(`${verb} (${sort}) refuses ${flag} and says what it is for`, async () => {
          const { code, stderr, stdout } = await run([...args, flag, ...(value === undefined ? [] : [value])]);
          expect(stderr).to.match(new RegExp(`^error: ${flag} does not apply [^]*\n {2}${flag} \\w+`));
          expect(stdout).to.equal('');
          expect(code).to.equal(2);
        });
      }
    }
  }

  const leaves: [words: string[], command: CommandUnknownOpts][] = [];
  const collect = (command: CommandUnknownOpts, words: string[]): void => {
    if (command.commands.length === 0) leaves.push([words, command]);
    for (const below of command.commands) collect(below, [...words, below.name()]);
  };
  collect(commandLine(), []);
  const longOf = (command: CommandUnknownOpts): string[] => command.options.flatMap(({ long }) => long ?? []);
  const all = new Set(leaves.flatMap(([, command]) => longOf(command)));
  for (const [words, command] of leaves) {
    it(`${words.join(' ')} refuses every option that only other verbs have`, async () => {
      const others = [...all].filter((flag) => !longOf(command).includes(flag));
      const needed = command.options.filter(({ mandatory }) => mandatory).map(({ long }) => `${long ?? ''}=x`);
      expect(others).to.not.be.empty;
      for (const flag of others) {
        const { code, stdout, stderr } = await run([...words, ...needed, `${flag}=x`]);
        expect(stderr, `${words.join(' ')} ${flag}`).to.match(/^error: .*(does not apply to|unknown option)/);
        expect([code, stdout]).to.deep.equal([2, '']);
      }
    });
  }

  it('decides about every option of every verb', () => {
    const undecided: string[] = [];
    const visit = (command: CommandUnknownOpts, words: string[]): void => {
      for (const below of command.commands) visit(below, [...words, below.name()]);
      const name = words.join(' ');
      if (command.commands.length > 0 || name.startsWith('backup ') || indifferent.includes(name)) return;
      const decided = name === 'restore' ? restoreOptions : (askedOptions[name] ?? {});
      for (const { long } of command.options)
        if (!output.includes(long ?? '') && !(long! in decided)) undecided.push(`${name} ${long ?? ''}`);
    };
    visit(commandLine(), []);
    expect(undecided).to.deep.equal([]);
  });

  const refused: [string, string[], RegExp][] = [
    [
      'copy --vault',
      ['copy', 'a', '--to', 'b', '--vault', 'x'],
      /--vault does not apply to copy\. It is an option of /,
    ],
    ['run --vault', ['run', 'github', '--vault', 'x'], /--vault does not apply to run\. It is an option of /],
    ['completion --json', ['completion', 'bash', '--json'], /--json does not apply to completion/],
    [
      'copy --git-endpoint elsewhere',
      ['copy', './a', '--to', './b', '--git-endpoint', 'https://x.invalid'],
      /--git-endpoint does not apply to this copy/,
    ],
    [
      'copy --token-file without GitHub',
      ['copy', './a', '--to', './b', '--token-file', 'x'],
      /--token-file does not apply to this copy/,
    ],
    [
      'backup --format zip --longest-chain',
      ['backup', 'git', './a', '--format', 'zip', '--longest-chain', '3'],
      /--longest-chain does not apply to a backup as zip\n {2}--longest-chain decides/,
    ],
    [
      'backup codecommit --external-id without --role',
      ['backup', 'codecommit', '--region', 'eu-central-1', '--external-id', 'x'],
      /--external-id does not apply without --role/,
    ],
    ['drill --all --snapshot', ['drill', 'x', '--all', '--snapshot', '2026'], /--all does not apply together/],
    ['drill of a file system', ['drill', 'efs/home'], /file systems are not drilled\n {2}holdfast verify efs/],
    ['verify --snapshot without an item', ['verify', '--snapshot', '2026'], /--snapshot needs an item/],
    [
      'run with a configuration and a source',
      ['run', 'github', '--config', 'x.json'],
      /--config does not apply to a source of a deployment/,
    ],
    ['run --no-follow of a file', ['run', '--no-follow'], /--no-follow does not apply to a configuration file/],
    ['ls of a file system', ['ls', 'efs/home'], /are on a file system/],
    ['diff --ref without --files', ['diff', 'x', '--ref', 'main'], /--ref does not apply without --files/],
    ['run git', ['run', 'git'], /plain Git addresses have no deployed backup/],
    ['restore --dry-run --verify', ['restore', 'efs/x', '--dry-run', '--verify', 'all'], /--verify does not apply/],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what}`, async () => {
      const { code, stderr } = await run(args);
      expect(stderr).to.match(message);
      expect(code).to.equal(2);
    });
  }
});

describe('targets of a restore', () => {
  const folder = useTemporaryFolders();
  let place: string;
  let repository: string;
  before(async () => {
    place = await folder();
    repository = await createRepository(path.join(place, 'app.git'), { commits: 1 });
    await inProcess(() => main(['backup', 'git', repository]), place);
  });

  const forms: [string, RegExp][] = [
    ['git@github.com:acme/new.git', /Write https:\/\/github\.com\/acme\/new\.git instead/],
    ['user@host:website', /Write https:\/\/host\/website instead/],
    ['host.example:team/app', /Write https:\/\/host\.example\/team\/app instead/],
    ['gh:acme/new', /Write https:\/\/github\.com\/acme\/new instead/],
    ['ssh://git@host.example:2222/team/app.git', /Write https:\/\/host\.example\/team\/app\.git instead/],
    ['git://host.example/app.git', /Write https:\/\/host\.example\/app\.git instead/],
    ['git+ssh://git@host.example/app.git', /Write https:\/\/host\.example\/app\.git instead/],
    ['codecommit::website', /Write codecommit::<region>:\/\/website instead/],
    ['codecommit:eu-central-1:website', /Write codecommit::<region>:\/\/website instead/],
    ['codecommit://website', /names no region[^]*Write codecommit::<region>:\/\/website/],
    ['codecommit://work@website', /names no region[^]*Write codecommit::<region>:\/\/work@website/],
    ['http:/host.example/app', /Write https:\/\/host\.example\/app instead/],
    ['https//host.example/app', /Write https:\/\/host\.example\/app instead/],
    ['github.com/acme/new', /Write https:\/\/github\.com\/acme\/new instead[^]*\.\/github\.com\/acme\/new/],
    ['s3://bucket/app', /is a place for a vault/],
    ['s3:/bucket/app', /is a place for a vault/],
    ['file:/tmp/app', /Write file:\/\/\/tmp\/app instead/],
    ['~/app', /begins with \.\//],
    ['', /--to is empty/],
  ];
  for (const [to, advice] of forms) {
    it(`refuses ${JSON.stringify(to)} and makes no folder`, async () => {
      const before = await readdir(place);
      const { code, stderr } = await inProcess(() => main(['restore', repository, '--to', to]), place);
      expect(stderr).to.match(advice);
      expect(code).to.equal(2);
      expect(await readdir(place)).to.deep.equal(before);
    });
  }

  it('takes a folder whose name looks like an address where it begins with ./', async () => {
    const { code } = await inProcess(() => main(['restore', repository, '--to', './gh:acme']), place);
    expect(code).to.equal(0);
    expect(await readdir(place)).to.include('gh:acme');
  });
});
