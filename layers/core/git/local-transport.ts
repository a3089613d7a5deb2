import path from 'node:path';
import { HoldfastError, interrupted } from '#core/runtime/errors.ts';
import { defaultStallMs } from '#core/runtime/http.ts';
import { mask } from '#core/runtime/redact.ts';
import { failOnStall } from '#core/runtime/stall.ts';
import { exitOf, feed, spawnGit } from './native.ts';
import type { RequestBody, Service, Transport } from './transport.ts';

/**
 * A repository on this machine, served by a child process of the git binary. The same stateless requests as over
 * HTTP (`--stateless-rpc`), so that there is one protocol to get right.
 */
export class LocalTransport implements Transport {
  readonly address: string;
  readonly #signal: AbortSignal | undefined;
  readonly #stallMs: number;

  constructor(folder: string, options: { signal?: AbortSignal | undefined; stallMs?: number } = {}) {
    // Absolute, so that a name that begins with a dash cannot pass for an option.
    this.address = path.resolve(folder);
    this.#signal = options.signal;
    this.#stallMs = options.stallMs ?? defaultStallMs;
  }

  advertisement(service: Service, version: 0 | 2): Promise<AsyncIterable<Buffer>> {
    return Promise.resolve(this.#run(service, version, ['--stateless-rpc', '--advertise-refs']));
  }

  exchange(service: Service, version: 0 | 2, body: RequestBody): Promise<AsyncIterable<Buffer>> {
    return Promise.resolve(this.#run(service, version, ['--stateless-rpc'], body));
  }

  close(): void {
    // Each request has its own process, which ends with it.
  }

  async *#run(service: Service, version: 0 | 2, options: string[], body?: RequestBody): AsyncGenerator<Buffer> {
    const command = service.slice('git-'.length);
    const child = spawnGit([command, ...options, '--', this.address], {
      ...(version === 2 ? { environment: { GIT_PROTOCOL: 'version=2' } } : {}),
      signal: this.#signal,
    });
    const ended = exitOf(child, command);
    ended.catch(() => undefined);
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-2000)));
    let feeding = true;
    const fed = feed(child, body?.chunks).finally(() => (feeding = false));
    // Looked at when the output ends, which it does when the input breaks off.
    fed.catch(() => undefined);
    try {
      const lastActive = (): number => (feeding ? performance.now() : 0);
      yield* failOnStall(child.stdout, this.#stallMs, this.address, lastActive);
      await fed;
      const code = await ended;
      if (code !== 0) throw this.#refusal(command, complaint);
    } catch (error) {
      if (this.#signal?.aborted) throw interrupted(this.#signal);
      throw error;
    } finally {
      child.kill();
    }
  }

  #refusal(command: string, complaint: string): HoldfastError {
    const said = mask(complaint.trim());
    if (/not appear to be a git repository|does not exist|not a git repository/i.test(said))
      return new HoldfastError('SourceMissing', `${this.address} is not a Git repository`);
    if (/dubious ownership/.test(said))
      return new HoldfastError('AccessDenied', `git refuses ${this.address} because another user owns it`, {
        advice: `If you trust it: git config --global --add safe.directory ${JSON.stringify(this.address)}`,
      });
    return new HoldfastError('RemoteRefused', `git ${command} on ${this.address} failed: ${said || 'no reason given'}`);
  }
}
