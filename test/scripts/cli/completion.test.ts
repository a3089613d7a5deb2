import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { completionTree } from '../../../scripts/cli/commands/completion/completion-tree.ts';
import { commandLine } from '../../../scripts/cli/main.ts';
import { holdfast } from '../../support/command-line.ts';
import { useTemporaryFolders } from '../../support/repositories.ts';

/** Asks a shell what it would offer for the last of these words. */
type Offer = (script: string, words: readonly string[]) => string[];

const bash: Offer = (script, words) => {
  const program = `source "$1"; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _holdfast; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return linesOf('bash', ['-c', program, 'bash', script, ...words]);
};

/** Stands in for zsh's own completion system, which needs a terminal: it prints what is handed to it. */
const zsh: Offer = (script, words) => {
  const program = `
    compdef() { :; }; _files() { print FILES; }; compadd() { shift; print -l -- $@; }
    _describe() { local -a all=("\${(@P)2}"); print -l -- \${all%%:*}; }
    source "$1"; shift; words=("$@"); CURRENT=$#; _holdfast`;
  return linesOf('zsh', ['-f', '-c', program, 'zsh', script, ...words]).filter((word) =>
    word.startsWith(words.at(-1)!),
  );
};

const fish: Offer = (script, words) =>
  linesOf('fish', [
    '--no-config',
    '-c',
    'source $argv[1]; complete -C (string join -- " " $argv[2..])',
    script,
    ...words,
  ])
    .map((line) => line.split('\t')[0]!)
    .filter((word) => word !== '');

function linesOf(shell: string, args: string[]): string[] {
  const { stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8' });
  expect(stderr).to.equal('');
  return stdout.split('\n').filter((line) => line !== '');
}

const cases: [string, string[], string[]][] = [
  ['a verb', ['holdfast', 'ver'], ['verify']],
  ['a source', ['holdfast', 'backup', 'code'], ['codeartifact', 'codecommit']],
  ['an option of its verb', ['holdfast', 'restore', 'x', '--over'], ['--overwrite']],
  ['an option of a source', ['holdfast', 'backup', 'github', '--no-a'], ['--no-archived']],
  ['the value of an option', ['holdfast', 'restore', 'x', '--verify', 'sam'], ['sample']],
  ['a value that is a choice', ['holdfast', 'completion', 'fi'], ['fish']],
  ['no option of another verb', ['holdfast', 'list', '--over'], []],
];

describe('holdfast completion', () => {
  const folder = useTemporaryFolders();

  for (const [shell, offer] of Object.entries({ bash, zsh, fish })) {
    describe(shell, () => {
      let script: string;

      before(async function () {
        if (spawnSync(shell, ['--version']).status !== 0) {
          this.test!.parent!.title += ` (needs ${shell})`;
          this.skip();
        }
        script = path.join(await folder(), 'completion');
        await writeFile(script, (await holdfast(['completion', shell])).stdout);
      });

      it('offers every verb of the program, and of each all its options', () => {
        const nodes = completionTree(commandLine());
        expect(nodes).to.have.length.greaterThan(25);
        for (const { words, commands, options } of nodes) {
          const typed = ['holdfast', ...words];
          expect(offer(script, [...typed, '--']), typed.join(' ')).to.include.members(options.map(({ flag }) => flag));
          if (commands.length > 0)
            expect(offer(script, [...typed, '']), typed.join(' ')).to.include.members(commands.map(({ name }) => name));
        }
      });

      for (const [what, words, expected] of cases)
        it(`offers ${what}`, () => expect(offer(script, words).sort()).to.deep.equal(expected));
    });
  }

  it('is refused for another shell', async () => {
    const { code, stderr } = await holdfast(['completion', 'tcsh']);
    expect(stderr).to.match(/Allowed choices are bash, zsh, fish/);
    expect(code).to.equal(2);
  });
});

describe('holdfast --version', () => {
  it('says version, commit and build', async () => {
    const { stdout } = await holdfast(['--version']);
    expect(stdout).to.match(
      /^\d+\.\d+\.\d+ \(commit (unknown|[0-9a-f]{12} of \d{4}-\d\d-\d\d)[^)]*, checkout; Node\.js [\d.]+\)\n$/,
    );
  });
});
