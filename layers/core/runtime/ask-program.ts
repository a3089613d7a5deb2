import { execFile } from 'node:child_process';
import { childEnvironment } from './environment.ts';

/** A keyring that waits for its user must not hold up a backup. */
const withinMs = 30_000;

export interface Question {
  args: readonly string[];
  /** Fed to standard input. */
  input?: string;
  environment?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/**
 * What one of the user's own programs answers on standard output, with their configuration and keyrings within its
 * reach. Undefined where it is not installed, fails, or does not answer in time.
 */
export function askProgram(
  program: string,
  { args, input = '', environment = {}, signal }: Question,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const env = childEnvironment(environment, { userConfiguration: true, userCredentials: true });
    // What it says on standard error may be a secret, and is not kept.
    const child = execFile(program, args, { env, timeout: withinMs, maxBuffer: 64 << 10, signal }, (error, answer) =>
      resolve(error ? undefined : answer),
    );
    // One that ends before it has read all has its reason.
    child.stdin?.on('error', () => undefined).end(input);
  });
}
