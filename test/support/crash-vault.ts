/** A process that writes to a vault in a folder and can be killed at each step of its way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export type CrashAction = 'create' | 'create without hard links' | 'write' | 'replace';

/** Where all actions write to. */
export const crashKey = 'github/data';

/** Where a process is killed: at which of its calls that change the file system, and when. */
export interface CrashPlace {
  step: number;
  name: string;
  moment: 'before' | 'middle' | 'after';
}

export class CrashingWriter {
  readonly #program: string;

  private constructor(program: string) {
    this.#program = program;
  }

  /** Bundles the program into a folder, since it is started often. */
  static async build(folder: string): Promise<CrashingWriter> {
    const { build } = await import('esbuild');
    const program = path.join(folder, 'crash-vault-child.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('crash-vault-child.ts', import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    return new CrashingWriter(program);
  }

  /** Lets it run to its end, and tells all places at which it could be killed. */
  async places(folder: string, action: CrashAction, contentFile: string): Promise<CrashPlace[]> {
    const { output, signal } = await this.#run(folder, action, contentFile);
    if (signal !== null) throw new Error(`ended by ${signal}`);
    return (JSON.parse(output) as string[]).flatMap((name, step) => {
      const moments = name.startsWith('write')
        ? (['before', 'middle', 'after'] as const)
        : (['before', 'after'] as const);
      // After one step is before the next.
      return moments.filter((moment) => step === 0 || moment !== 'before').map((moment) => ({ step, name, moment }));
    });
  }

  /** @throws if it was not killed there */
  async killAt(place: CrashPlace, folder: string, action: CrashAction, contentFile: string): Promise<void> {
    const { signal } = await this.#run(folder, action, contentFile, String(place.step), place.moment);
    if (signal !== 'SIGKILL') throw new Error(`was not killed ${place.moment} ${place.name} (${place.step})`);
  }

  async #run(...args: string[]): Promise<{ output: string; signal: NodeJS.Signals | null }> {
    const child = spawn(process.execPath, [this.#program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    const output = await text(child.stdout);
    const [, signal] = await ended;
    return { output, signal };
  }
}
