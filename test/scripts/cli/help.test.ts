import { Help, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { commandLine, main } from '../../../scripts/cli/main.ts';
import { inProcess } from '../../support/in-process.ts';

interface Verb {
  words: string[];
  command: CommandUnknownOpts;
}

/** The program and all commands below it that its help shows. */
function verbsOf(command: CommandUnknownOpts, words: string[] = []): Verb[] {
  const below = new Help().visibleCommands(command).filter((one) => one.name() !== 'help');
  return [{ words, command }, ...below.flatMap((one) => verbsOf(one, [...words, one.name()]))];
}

const verbs = verbsOf(commandLine());
const helpOf = async (words: readonly string[]): Promise<string> =>
  (await inProcess(() => main([...words, '--help']), '.')).stdout;

/** The words of a command as a shell takes them. */
function wordsOf(line: string): string[] {
  const { stdout } = spawnSync('bash', ['--norc', '-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' });
  return stdout.trimEnd().split('\n');
}

describe('the help', () => {
  it('of every verb fits into 80 columns, but for examples that are to be copied', async () => {
    for (const { words } of verbs) {
      const [help = ''] = (await helpOf(words)).split('\nExamples:\n');
      for (const line of help.split('\n')) expect(line.length, line).to.be.at.most(80);
    }
  });

  for (const { words, command } of verbs.filter((one) => one.command.commands.length === 0))
    it(`of ${words.join(' ')} has examples, each of what the program takes`, async () => {
      const [, examples] = (await helpOf(words)).split('\nExamples:\n');
      const lines = (examples ?? '').split('\n').filter((line) => /^ {2}[^#]/.test(line));
      expect(lines).to.not.deep.equal([]);
      for (const line of lines) {
        const [, typed = ''] = /(?<=^|[ (])holdfast ([^|>)]*)/.exec(line) ?? [];
        const given = wordsOf(typed);
        expect(given.slice(0, words.length), line).to.deep.equal(words);
        const options = new Map(command.options.map((option) => [option.long, option]));
        const operands: string[] = [];
        for (let at = words.length; at < given.length; at++) {
          const word = given[at]!;
          if (!word.startsWith('--')) operands.push(word);
          else {
            const option = options.get(word);
            expect(option, `${word} in ${line}`).to.not.equal(undefined);
            if (option!.required) at++;
          }
        }
        const needed = command.registeredArguments.filter(({ required }) => required).length;
        const most = command.registeredArguments.some(({ variadic }) => variadic)
          ? Infinity
          : command.registeredArguments.length;
        expect(operands.length, line).to.be.within(needed, most);
      }
    });
});
