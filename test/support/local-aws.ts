/**
 * A local stand-in for AWS, for tests: see aws/README.md for what it is and what it is not.
 *
 * One server takes about a second to start, so a test file starts one in `before` and ends it in `after`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { requestAws } from './aws/api.ts';
import { motoVersions, python } from './python.ts';

const folder = fileURLToPath(new URL('aws/', import.meta.url));

export interface LocalAwsOptions {
  /** Default: any free port. */
  port?: number;
  /** Added to the environment of the stand-in itself; its variables are listed in aws/standin/settings.py. */
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

/** One AWS API call that reached the stand-in, or that AWS would have made in a role's name. */
export interface LocalAwsCall {
  at: string;
  caller: {
    /** The role's ARN, the AWS service that acts for itself (`events.amazonaws.com`), or null for the tests' own keys. */
    role: string | null;
    /** What acts in that role: `lambda:<function>`, `codebuild:<project>`, `step-functions`, `schedule:<name>`… */
    via: string;
  };
  service: string;
  operation: string;
  resource: string;
  /** All that an IAM policy has to allow for this call; some with condition keys of their own. */
  permissions: { action: string; resource: string; conditions?: Record<string, string> }[];
  /** The condition keys of the request as a whole that policies may ask for. */
  conditions?: Record<string, string | string[]>;
  status: number;
}

export interface LocalAwsNotification {
  at: string;
  topicArn: string;
  messageId: string;
  subject: string | null;
  message: string;
  attributes: Record<string, unknown>;
}

/** What a schedule's target was given and answered: `executionArn`, `buildId`, `messageId`, or `error`. */
export interface FiredSchedule {
  target: string;
  input: string;
  executionArn?: string;
  buildId?: string;
  messageId?: string;
  error?: string;
}

export interface LocalAws {
  endpoint: string;
  environment: LocalAwsEnvironment;
  /**
   * Calls an API for which there is no SDK client here, with the tests' own keys: `call('states', 'StartExecution', …)`,
   * or `call('lambda', 'POST /2015-03-31/functions', …)` for a service with a REST interface. Answers in XML come back
   * as an empty object.
   */
  call<T = Record<string, unknown>>(service: string, operation: string, input?: object): Promise<T>;
  /** Fires a schedule now, whatever its expression says. */
  fire(schedule: string): Promise<FiredSchedule>;
  /** Takes the machine under an instance of an Auto Scaling group away, and tells nobody. */
  loseInstance(id: string): Promise<void>;
  /** Every call so far, oldest first. */
  calls(): Promise<LocalAwsCall[]>;
  forgetCalls(): Promise<void>;
  /** What belongs to the access key of a session; null for one that nobody was given. */
  findKey(id: string): Promise<{ secret: string; token: string } | null>;
  /** Notes what a Git server of the tests let through in CodeCommit's name. */
  noteGit(access: { keyId: string; repository: string; write: boolean }): Promise<void>;
  /** Every message published to SNS so far, oldest first. */
  notifications(): Promise<LocalAwsNotification[]>;
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
  const { wanted, found } = motoVersions();
  return found === wanted || `needs moto ${wanted} (found: ${found ?? 'none'}): see CONTRIBUTING.md`;
}

export async function startLocalAws({ port = 0, env = {} }: LocalAwsOptions = {}): Promise<LocalAws> {
  const server = spawn(python(), [`${folder}server.py`, '--port', String(port)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-100_000);
  });
  const endpoint = await firstLine(server, () => log);
  const ask = async <T>(method: string, path: string): Promise<T> => {
    const response = await fetch(`${endpoint}/_local/${path}`, { method });
    const answer = (await response.json()) as T;
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
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
    async call<T>(service: string, operation: string, input?: object) {
      const { text } = await requestAws(endpoint, service, operation, { ...input });
      return (text.startsWith('{') ? JSON.parse(text) : {}) as T;
    },
    fire: (schedule) => ask('POST', `schedules/${encodeURIComponent(schedule)}/fire`),
    loseInstance: (id) => ask('POST', `instances/${id}/vanish`),
    calls: () => ask('GET', 'calls'),
    forgetCalls: () => ask('DELETE', 'calls'),
    findKey: (id) => ask('GET', `keys/${id}`),
    noteGit: ({ keyId, repository, write }) =>
      ask('POST', `codecommit-git/${keyId}:${write ? 'GitPush' : 'GitPull'}:us-east-1:${repository}`),
    notifications: () => ask('GET', 'notifications'),
    log: () => log,
    close: () => end(server),
  };
}

async function firstLine(server: ChildProcess, log: () => string): Promise<string> {
  const lines = createInterface({ input: server.stdout! });
  const failed = once(server, 'exit').then(() => ['']);
  const [line] = (await Promise.race([once(lines, 'line'), failed])) as [string];
  if (!line) throw new Error(`the local AWS stand-in did not start:\n${log()}`);
  return line;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.stdin!.end();
  await ended;
}
