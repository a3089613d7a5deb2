import process from 'node:process';

export interface InProcessResult {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs the command line within this process, in a folder and an environment of its own, and gathers what it prints.
 * For tests of many small cases: starting a process takes a hundred times longer. One at a time.
 */
export async function inProcess(run: () => Promise<void>, cwd: string): Promise<InProcessResult> {
  const before = { cwd: process.cwd(), env: process.env, code: process.exitCode };
  const printed = { stdout: '', stderr: '' };
  const writers = {
    stdout: process.stdout.write.bind(process.stdout),
    stderr: process.stderr.write.bind(process.stderr),
  };
  const capture =
    (stream: 'stdout' | 'stderr') =>
    (chunk: string | Uint8Array): boolean => {
      printed[stream] += String(chunk);
      return true;
    };
  process.chdir(cwd);
  process.env = { PATH: before.env['PATH'], HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' };
  process.stdout.write = capture('stdout');
  process.stderr.write = capture('stderr');
  try {
    await run();
    return { code: Number(process.exitCode ?? 0), ...printed };
  } finally {
    process.stdout.write = writers.stdout;
    process.stderr.write = writers.stderr;
    process.env = before.env;
    process.exitCode = before.code;
    process.chdir(before.cwd);
  }
}
