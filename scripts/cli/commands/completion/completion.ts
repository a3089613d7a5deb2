import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { exitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import { bashCompletion } from './bash.ts';
import { completionTree } from './completion-tree.ts';
import { fishCompletion } from './fish.ts';
import { zshCompletion } from './zsh.ts';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/**
 * Prints a script that completes commands, options and their choices. It is made from the program's own commands and
 * holds all of them, so that nothing has to start while somebody types.
 */
export function completion(output: Output, shell: keyof typeof scripts, program: CommandUnknownOpts): number {
  output.result(scripts[shell](completionTree(program)));
  return exitCode.well;
}
