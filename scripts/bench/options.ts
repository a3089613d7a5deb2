import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The parts of the benchmark that can be run on their own. */
export const caseNames = [
  'startup',
  'full',
  'slow',
  'incremental',
  'restore',
  'unchanged',
  'account',
  'packages',
] as const;

export type CaseName = (typeof caseNames)[number];

export interface Options {
  /** Only small repositories and one run: a look in under a minute. */
  quick: boolean;
  /** The repository of 1.5 GB too. */
  large: boolean;
  /** How often each contender runs; what is printed are medians. */
  runs: number;
  only: ReadonlySet<CaseName>;
  /** Folders of repositories to measure instead of those that the benchmark makes. */
  repositories: readonly string[];
  /** Make the repositories again instead of taking those of an earlier run. */
  fresh: boolean;
  /** Print one JSON document instead of tables. */
  json: boolean;
  /** The built command line that is measured. */
  program: string;
}

export const usage = `npm run bench -- [options]

Measures Holdfast beside what it replaces, whole processes against the same server on this machine.

  --quick              small repositories and one run: a look in under a minute
  --large              also 1.5 GB of random blobs
  --runs <n>           how often each contender runs (3; with --quick 1); medians are printed
  --only <parts>       only these, with commas between: ${caseNames.join(', ')}
  --repository <path>  measure this repository instead of made ones; may be given again
  --fresh              make the repositories again; else those of an earlier run are used
  --program <file>     measure this build instead of dist/cli/holdfast.mjs
  --json               one JSON document on standard output`;

/** @throws {UsageError} */
export function readOptions(args: readonly string[]): Options | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  return {
    quick: values.quick,
    large: values.large,
    runs: values.runs === undefined ? (values.quick ? 1 : 3) : wholeNumber(values.runs),
    only: values.only === undefined ? new Set(caseNames) : casesNamed(values.only),
    repositories: values.repository,
    fresh: values.fresh,
    json: values.json,
    program:
      values.program === undefined
        ? fileURLToPath(new URL('../../dist/cli/holdfast.mjs', import.meta.url))
        : resolve(values.program),
  };
}

/** The command line was not understood. */
export class UsageError extends Error {}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        large: { type: 'boolean', default: false },
        runs: { type: 'string' },
        only: { type: 'string' },
        repository: { type: 'string', multiple: true, default: [] },
        fresh: { type: 'boolean', default: false },
        program: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new UsageError(`--runs ${text}: give a whole number above 0`);
  return number;
}

function casesNamed(text: string): Set<CaseName> {
  const named = new Set<CaseName>();
  for (const word of text.split(',')) {
    const found = caseNames.find((name) => name === word.trim());
    if (found === undefined) throw new UsageError(`--only ${word}: there are ${caseNames.join(', ')}`);
    named.add(found);
  }
  return named;
}
