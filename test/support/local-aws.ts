/**
 * A local stand-in for AWS, for tests: see aws/README.md for what it is and what it is not.
 *
 * One server takes a second to start, so a test file starts one in `before` and ends it in `after`.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('aws/', import.meta.url));
const python = process.env['PYTHON'] ?? 'python3';

export interface LocalAwsOptions {
  /** Default: any free port. */
  port?: number;
  /** Added to the environment of the stand-in itself (not of the functions that it runs). */
  env?: Record<string, string>;
}

/** What lets a client (SDK, CLI, Terraform) talk to the stand-in. */
export interface LocalAwsEnvironment extends Record<string, string> {
  AWS_ENDPOINT_URL: string;
  AWS_ACCESS_KEY_ID: string;
  AWS_SECRET_ACCESS_KEY: string;
  AWS_REGION: string;
  AWS_DEFAULT_REGION: string;
  AWS_EC2_METADATA_DISABLED: string;
}

export interface LocalAws {
  endpoint: string;
  environment: LocalAwsEnvironment;
  /** What the stand-in wrote to stderr so far: the first place to look when a test fails. */
  log(): string;
  close(): Promise<void>;
}

let available: true | string | undefined;

/** True, or the reason why the stand-in cannot run here. */
export function localAwsAvailable(): true | string {
  available ??= probe();
  return available;
}

function probe(): true | string {
  const [requirement] = /\S+/.exec(readFileSync(`${folder}requirements.txt`, 'utf8')) ?? [''];
  const wanted = requirement.split('==')[1] ?? '';
  const result = spawnSync(python, ['-c', 'from importlib.metadata import version; print(version("moto"))'], {
    encoding: 'utf8',
  });
  const found = result.status === 0 ? result.stdout.trim() : 'none';
  return found === wanted || `needs moto ${wanted} (found: ${found}): pip install '${requirement}'`;
}

export async function startLocalAws({ port = 0, env = {} }: LocalAwsOptions = {}): Promise<LocalAws> {
  const server = spawn(python, [`${folder}server.py`, '--port', String(port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-100_000);
  });
  const endpoint = await firstLine(server, () => log);
  return {
    endpoint,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'AKIALOCALTESTS000001',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    log: () => log,
    close: () => end(server),
  };
}

async function firstLine(server: ChildProcess, log: () => string): Promise<string> {
  const lines = createInterface({ input: server.stdout! });
  const [line] = (await Promise.race([once(lines, 'line'), once(server, 'exit').then(() => [''])])) as [string];
  if (!line) throw new Error(`the local AWS stand-in did not start:\n${log()}`);
  return line;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.stdin!.end();
  await ended;
}
