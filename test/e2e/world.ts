import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeExecutionCommand, RedriveExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { startCodeArtifact, type CodeArtifact } from '../support/codeartifact-server.ts';
import { toEventBridge } from '../support/codeartifact/events.ts';
import { startCodeCommit } from '../support/codecommit-server.ts';
import type { GitServer } from '../support/git-server.ts';
import { startGitHub, type GitHub } from '../support/github-server.ts';
import { holdfast, type CommandLineResult } from '../support/command-line.ts';
import { createRepository, type RepositoryShape } from '../support/repositories.ts';
import { startLocalAws, type LocalAws } from '../support/local-aws.ts';
import { instanceEnvironment, instanceTools } from './file-systems.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The token of the stand-in for GitHub; searched for in all that the system writes. */
export const token = 'ghp_EndToEnd7Canary2Token9';

export const secretName = 'prod/github-backup';

/** Of the deployment: the name that Terraform is given, and what follows from it. */
export const deployment = 'e2e';

export interface TerraformResult {
  code: number;
  output: string;
}

export interface ClientConfig {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

export interface Execution {
  arn: string;
  status: string;
  /** Its answer, or its error and cause. */
  said: string;
}

interface LogPage {
  events: { message: string }[];
}

export interface ReportFile {
  result: string;
  coverage: Record<string, number>;
  warnings: string[];
  items: {
    outcome: string;
    kind?: string;
    reason?: string;
    message?: string;
    warnings?: string[];
    versions?: Record<string, number>;
    item: { name: string };
  }[];
}

/**
 * A whole world on this machine: a stand-in for AWS, with one for CodeArtifact behind it, one for GitHub with real
 * repositories, and the production configuration, unmodified, deployed between them by the real Terraform.
 */
export class World {
  readonly folder: string;
  readonly aws: LocalAws;
  readonly github: GitHub;
  /** What serves Git in CodeCommit's name. */
  readonly codecommit: GitServer;
  /** What AWS asks for CodeArtifact, with its registries; tells EventBridge of what changes. */
  readonly codeartifact: CodeArtifact;
  /** For further clients of the stand-in. */
  readonly clientConfig: ClientConfig;
  readonly #clients: { s3: S3Client; secrets: SecretsManagerClient; steps: SFNClient };

  private constructor(
    folder: string,
    aws: LocalAws,
    servers: { github: GitHub; codecommit: GitServer; codeartifact: CodeArtifact },
  ) {
    this.folder = folder;
    this.aws = aws;
    this.github = servers.github;
    this.codecommit = servers.codecommit;
    this.codeartifact = servers.codeartifact;
    const { AWS_REGION: region, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = aws.environment;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    const config = { endpoint: aws.endpoint, region, credentials };
    this.clientConfig = config;
    this.#clients = {
      s3: new S3Client({ ...config, forcePathStyle: true }),
      secrets: new SecretsManagerClient(config),
      steps: new SFNClient(config),
    };
  }

  /** Starts all stand-ins; nothing is deployed yet. */
  static async start(port?: number): Promise<World> {
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-e2e-'));
    const repositories = path.join(folder, 'codecommit');
    await mkdir(repositories);
    const codeartifact = await startCodeArtifact();
    const aws = await startLocalAws({
      ...(port === undefined ? {} : { port }),
      env: {
        LOCAL_AWS_CODECOMMIT_FOLDER: repositories,
        LOCAL_AWS_CODEARTIFACT_URL: codeartifact.url,
        LOCAL_AWS_INSTANCE_TOOLS: fileURLToPath(instanceTools),
        ...Object.fromEntries(
          Object.entries(instanceEnvironment(folder)).map(([name, value]) => [`LOCAL_AWS_EXTRA_${name}`, value]),
        ),
      },
    });
    codeartifact.onEvent = toEventBridge(aws);
    const github = await startGitHub({
      root: path.join(folder, 'github'),
      accounts: [{ login: 'octo' }, { login: 'acme', type: 'Organization', members: ['octo'] }],
      tokens: { [token]: 'octo' },
    });
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION: region } = aws.environment;
    const codecommit = await startCodeCommit({
      root: repositories,
      region,
      // Whatever runs in the stand-in has keys of a session, and a person those of the environment.
      findKey: (id) => (id === AWS_ACCESS_KEY_ID ? { secret: AWS_SECRET_ACCESS_KEY } : aws.findKey(id)),
      onAccess: (access) => aws.noteGit(access),
    });
    const world = new World(folder, aws, { github, codecommit, codeartifact });
    await cp(path.join(root, 'terraform'), path.join(folder, 'terraform'), {
      recursive: true,
      filter: (source) => !source.includes('.terraform'),
    });
    await cp(path.join(root, 'dist'), path.join(folder, 'dist'), { recursive: true });
    return world;
  }

  get bucket(): string {
    return `${deployment}-vault-123456789012-us-east-1`;
  }

  get vault(): string {
    return `s3://${this.bucket}/backups`;
  }

  /** What a person does by hand before the first apply: a bucket for the state, and the secret. */
  async prepare(variables: string): Promise<void> {
    const Bucket = 'e2e-state';
    await this.#clients.s3.send(new CreateBucketCommand({ Bucket }));
    await this.#clients.s3.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    await writeFile(path.join(this.folder, 'terraform', 'terraform.tfvars'), variables);
    await writeFile(
      path.join(this.folder, 'terraform', 'backend.hcl'),
      `bucket = "${Bucket}"\nkey = "${deployment}.tfstate"\nregion = "us-east-1"\nuse_lockfile = true\n`,
    );
    await this.#clients.secrets.send(
      new CreateSecretCommand({ Name: secretName, SecretString: JSON.stringify(this.settings()) }),
    );
  }

  /** The secret's value, with further keys. */
  settings(more: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      TOKEN_GITHUB: token,
      BACKUP_OWNER: 'acme',
      BACKUP_ONLY_OWNER_REPOS: 'False',
      BACKUP_S3_BUCKET: this.bucket,
      BACKUP_S3_PREFIX: 'backups',
      BACKUP_API_URL: this.github.apiUrl,
      BACKUP_REQUESTS_PER_MINUTE: '900',
      BACKUP_DATASETS: 'code',
      ...more,
    };
  }

  async putSecret(text: string): Promise<void> {
    await this.#clients.secrets.send(new PutSecretValueCommand({ SecretId: secretName, SecretString: text }));
  }

  /** Runs Terraform in the copy of the configuration. */
  async terraform(...args: string[]): Promise<TerraformResult> {
    const child = spawn('terraform', [`-chdir=${path.join(this.folder, 'terraform')}`, ...args], {
      env: {
        PATH: process.env['PATH'],
        HOME: this.folder,
        TF_IN_AUTOMATION: '1',
        ...(process.env['TF_CLI_CONFIG_FILE'] === undefined
          ? {}
          : { TF_CLI_CONFIG_FILE: process.env['TF_CLI_CONFIG_FILE'] }),
        ...this.aws.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? 1, output };
  }

  /** Applies the configuration for the first time. */
  async deploy(): Promise<void> {
    for (const args of [
      ['init', '-input=false', '-no-color', '-backend-config=backend.hcl'],
      ['apply', '-auto-approve', '-input=false', '-no-color'],
    ]) {
      const { code, output } = await this.terraform(...args);
      if (code !== 0) throw new Error(`terraform ${args[0] ?? ''} failed:\n${output.slice(-6000)}`);
    }
  }

  /** Fires the schedule as EventBridge would, and waits for the end of the run that it starts. */
  async fireSchedule(patience?: number, source = 'github'): Promise<Execution> {
    const { executionArn, error } = await this.aws.fire(`${deployment}-${source}`);
    if (executionArn === undefined) throw new Error(`the schedule started nothing: ${error ?? 'no reason given'}`);
    return this.waitFor(executionArn, patience);
  }

  /** Takes up an execution where it failed, as the button in the console does. */
  async redrive(executionArn: string): Promise<Execution> {
    await this.#clients.steps.send(new RedriveExecutionCommand({ executionArn }));
    return this.waitFor(executionArn);
  }

  async waitFor(executionArn: string, patience = 180_000): Promise<Execution> {
    const end = Date.now() + patience;
    while (Date.now() < end) {
      const { status, output, error, cause } = await this.#clients.steps.send(
        new DescribeExecutionCommand({ executionArn }),
      );
      if (status !== 'RUNNING')
        return { arn: executionArn, status: status ?? '', said: output ?? `${error ?? ''}: ${cause ?? ''}` };
      await sleep(200);
    }
    throw new Error(`the execution did not end within ${patience / 1000} s\n${this.aws.log().slice(-3000)}`);
  }

  /** Waits for what happens by itself. */
  async until(condition: () => Promise<boolean>, patience = 60_000): Promise<void> {
    const end = Date.now() + patience;
    while (Date.now() < end) {
      if (await condition()) return;
      await sleep(200);
    }
    throw new Error(`waited for ${patience / 1000} s in vain`);
  }

  /** Makes a repository that CodeCommit lists, with what Git holds of it; gives its folder. */
  async addToCodeCommit(repositoryName: string, shape: RepositoryShape, more: object = {}): Promise<string> {
    await this.aws.call('codecommit', 'CreateRepository', { repositoryName, ...more });
    return createRepository(path.join(this.folder, 'codecommit', repositoryName), shape);
  }

  async readObject(Bucket: string, Key: string): Promise<string> {
    const { Body } = await this.#clients.s3.send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToString()) ?? '';
  }

  /** A JSON file of the vault. */
  async readVault(key: string): Promise<unknown> {
    return JSON.parse(await this.readObject(this.bucket, `backups/${key}`));
  }

  /** The report that an execution names, wherever in its answer. */
  async reportOf(said: string): Promise<ReportFile> {
    const key = /runs\/[^"\s]+\/report\.json/.exec(said)?.[0];
    if (key === undefined) throw new Error(`the execution names no report: ${said}`);
    return (await this.readVault(key)) as ReportFile;
  }

  /** The most memory that a function has used, in megabytes, as Lambda's own log lines say it. */
  async memoryOf(functionName: string): Promise<number> {
    const logGroupName = `/aws/lambda/${functionName}`;
    // One page holds ten thousand, far more than there are.
    const asked = { logGroupName, filterPattern: '"Max Memory Used"' };
    const { events } = await this.aws.call<LogPage>('logs', 'FilterLogEvents', asked);
    const used = events.map(({ message }) => Number(/Max Memory Used: (\d+) MB/.exec(message)?.[1] ?? 0));
    return Math.max(0, ...used);
  }

  async bucketPolicy(): Promise<string> {
    const { Policy } = await this.#clients.s3.send(new GetBucketPolicyCommand({ Bucket: this.bucket }));
    return Policy ?? '';
  }

  async writeVault(key: string, text: string): Promise<void> {
    await this.#clients.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: `backups/${key}`, Body: text }));
  }

  /** Runs a build to its end; gives how it ended. */
  async build(projectName: string, variables: Record<string, string>): Promise<string> {
    const environmentVariablesOverride = Object.entries(variables).map(([name, value]) => ({
      name,
      value,
      type: 'PLAINTEXT',
    }));
    const { build } = await this.aws.call<{ build: { id: string } }>('codebuild', 'StartBuild', {
      projectName,
      environmentVariablesOverride,
    });
    let status = 'IN_PROGRESS';
    await this.until(async () => {
      const { builds } = await this.aws.call<{ builds: { buildStatus: string }[] }>('codebuild', 'BatchGetBuilds', {
        ids: [build.id],
      });
      status = builds[0]?.buildStatus ?? '';
      return status !== 'IN_PROGRESS';
    });
    return status;
  }

  /** The command line against the deployed vault. */
  holdfast(...args: string[]): Promise<CommandLineResult> {
    return this.holdfastWith({}, ...args);
  }

  /** The same, with more in the environment. */
  holdfastWith(more: Record<string, string>, ...args: string[]): Promise<CommandLineResult> {
    return holdfast([...args, '--vault', this.vault], { cwd: this.folder, env: { ...this.aws.environment, ...more } });
  }

  async close(): Promise<void> {
    for (const client of Object.values(this.#clients)) client.destroy();
    await this.github.close();
    await this.codecommit.close();
    // It fails where a token was seen in a URL; the rest ends nevertheless.
    const closed = await Promise.allSettled([this.codeartifact.close()]);
    await this.aws.close();
    await rm(this.folder, { recursive: true, force: true });
    for (const { reason } of closed.filter((one) => one.status === 'rejected')) throw reason;
  }
}

/** Whether there is what the world needs: Terraform, and git with its HTTP backend. */
export function terraformAvailable(): true | string {
  const { status } = spawnSync('terraform', ['version']);
  return status === 0 || 'needs terraform 1.11 or newer';
}

/** Whether there is what instances of the world need. */
export function instanceToolsAvailable(): true | string {
  const missing = ['aws', 'bash', 'rsync', 'sha256sum'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);
  return missing.length === 0 || `instances need ${missing.join(', ')} (of these, pip install awscli gives aws)`;
}
