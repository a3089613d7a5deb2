import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LocalAws } from '../../support/local-aws.ts';

const source = fileURLToPath(new URL('../../../terraform', import.meta.url));

/** A copy of the configuration, in one folder of which Terraform works against a stand-in. */
export class Workplace {
  readonly #folder: string;
  readonly #module: string;
  readonly #aws: LocalAws;

  constructor(folder: string, module: string, aws: LocalAws) {
    this.#folder = folder;
    this.#module = module;
    this.#aws = aws;
  }

  /** Copies the configuration. @param module a folder below terraform/, `.` for the root */
  static async create(folder: string, module: string, aws: LocalAws, variables: object): Promise<Workplace> {
    await cp(source, folder, { recursive: true, filter: (name) => !name.includes('.terraform') });
    const workplace = new Workplace(folder, module, aws);
    await workplace.set(variables);
    return workplace;
  }

  /** Gives the variables, in place of those before. */
  async set(variables: object): Promise<void> {
    await this.write('terraform.tfvars.json', JSON.stringify(variables));
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(path.join(this.#folder, this.#module, name), text);
  }

  get folder(): string {
    return this.#folder;
  }

  /** What Terraform prints. Throws where it fails. */
  async terraform(...args: string[]): Promise<string> {
    const child = spawn('terraform', [`-chdir=${path.join(this.#folder, this.#module)}`, ...args], {
      env: {
        PATH: process.env['PATH'],
        HOME: this.#folder,
        TF_IN_AUTOMATION: '1',
        ...(process.env['TF_CLI_CONFIG_FILE'] === undefined
          ? {}
          : { TF_CLI_CONFIG_FILE: process.env['TF_CLI_CONFIG_FILE'] }),
        ...this.#aws.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0)
      throw new Error(`terraform ${args[0] ?? ''} in ${this.#module} failed:\n${(printed + complaint).slice(-6000)}`);
    return printed;
  }

  async apply(...more: string[]): Promise<void> {
    await this.terraform('apply', '-auto-approve', '-input=false', '-no-color', ...more);
  }

  /** The state, as `terraform show -json` prints it. */
  async show(): Promise<unknown> {
    return JSON.parse(await this.terraform('show', '-json')) as unknown;
  }
}
