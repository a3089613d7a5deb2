/** A backup or a restore in a process of its own that can be killed at each step of its way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';

export type Task =
  | { action: 'backup'; vault: string; repository: string; item: ManifestItem; snapshot: SnapshotId }
  | { action: 'restore'; vault: string; prefix: string; snapshot: SnapshotId; target: string; checkout: boolean };

/** Where a process is killed: at which of its calls that change the file system, and when. */
export interface CrashPlace {
  step: number;
  name: string;
  moment: 'before' | 'middle' | 'after';
}

export interface TaskResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The calls that changed the file system, where it ran to its end. */
  output: string;
  errors: string;
}

export class CrashingTask {
  readonly #program: string;

  private constructor(program: string) {
    this.#program = program;
  }

  /** Bundles the program into a folder, since it is started often. */
  static async build(folder: string): Promise<CrashingTask> {
    const { build } = await import('esbuild');
    const program = join(folder, 'crashing-task-child.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('crashing-task-child.ts', import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'error',
    });
    return new CrashingTask(program);
  }

  /** Lets it run to its end, and tells all places at which it could be killed. */
  async places(task: Task): Promise<CrashPlace[]> {
    const { output, code, errors } = await this.run(task);
    if (code !== 0) throw new Error(errors);
    return (JSON.parse(output) as string[]).flatMap((name, step) => {
      const moments = name === 'write' ? (['before', 'middle', 'after'] as const) : (['before', 'after'] as const);
      // After one step is before the next.
      return moments.filter((moment) => step === 0 || moment !== 'before').map((moment) => ({ step, name, moment }));
    });
  }

  /**
   * Kills it there. The order of calls differs a little from run to run, so it may also end before that call comes.
   * @throws if it failed by itself
   */
  async killAt({ step, name, moment }: CrashPlace, task: Task): Promise<void> {
    const { signal, code, errors } = await this.run(task, {}, String(step), moment);
    if (signal !== 'SIGKILL' && code !== 0) throw new Error(`was not killed ${moment} ${name} (${step}): ${errors}`);
  }

  async run(task: Task, environment: Record<string, string> = {}, ...place: string[]): Promise<TaskResult> {
    const child = spawn(process.execPath, [this.#program, JSON.stringify(task), ...place], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    const [output, errors, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { code, signal, output, errors };
  }
}
