/** An empty repository to restore into, on a server and as a folder. */
import { join } from 'node:path';
import { expect } from 'chai';
import { HttpTransport } from '#core/git/http-transport.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import { restoreToServer, type ServerRestore, type ServerRestored } from '#core/repositories/restore/restore-server.ts';
import { HttpClient } from '#core/runtime/http.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { startGitServer, type GitServer, type GitServerOptions } from '../../../../support/git-server.ts';
import { createRepository, git, refsOf, type RepositoryShape } from '../../../../support/repositories.ts';
import type { Stored, StoredRepository } from './stored-repository.ts';

export class RestoreTarget {
  readonly path: string;
  readonly server: GitServer;
  readonly #http = new HttpClient({ stallMs: 20_000 });

  private constructor(path: string, server: GitServer) {
    this.path = path;
    this.server = server;
  }

  /** @param root an empty folder */
  static async start(
    root: string,
    { shape = {}, ...options }: Omit<GitServerOptions, 'root'> & { shape?: RepositoryShape } = {},
  ): Promise<RestoreTarget> {
    const path = await createRepository(join(root, 'target.git'), { commits: 0, ...shape });
    return new RestoreTarget(path, await startGitServer({ root, ...options }));
  }

  /** @param url where the server is reached, where that is another way than its own address */
  transport(url = this.server.url): Transport {
    return new HttpTransport(new URL(`${url}/target.git`), this.#http);
  }

  /** The way to the same repository as a folder. */
  get local(): Transport {
    return new LocalTransport(this.path, { stallMs: 20_000 });
  }

  async restore(
    stored: StoredRepository,
    taken: Stored,
    options: Partial<ServerRestore> & { vault?: Vault } = {},
  ): Promise<ServerRestored> {
    const { vault = stored.vault, ...rest } = options;
    const content = await stored.content(taken);
    return restoreToServer(vault, content, { target: this.transport(), overwrite: [], hidden: [], ...rest });
  }

  /** The pushes so far, by the bytes of each. */
  get pushes(): number[] {
    return this.server.requests.filter(({ kind }) => kind === 'receive-pack').map(({ bodyBytes }) => bodyBytes);
  }

  async refs(): Promise<Map<string, string>> {
    return (await refsOf(this.path)).refs;
  }

  /** Proves that the repository is sound and has these refs, no more. */
  async expectRefs(refs: ReadonlyMap<string, string>): Promise<void> {
    await git(this.path, 'fsck', '--strict', '--full', '--connectivity-only');
    expect(await this.refs(), 'refs of the target').to.deep.equal(refs);
  }

  async close(): Promise<void> {
    this.#http.close();
    await this.server.close();
  }
}

/** For the body of a `describe`: makes targets, which all end after the suite. */
export function useRestoreTargets(
  folder: () => Promise<string>,
): (options?: Parameters<typeof RestoreTarget.start>[1]) => Promise<RestoreTarget> {
  const targets: RestoreTarget[] = [];
  after(() => Promise.all(targets.map((target) => target.close())));
  return async (options) => {
    const target = await RestoreTarget.start(await folder(), options);
    targets.push(target);
    return target;
  };
}

/** The refs whose names begin so, or all others. */
export function refsUnder(
  prefix: string,
  refs: ReadonlyMap<string, string>,
): [Map<string, string>, Map<string, string>] {
  const under = new Map([...refs].filter(([name]) => name.startsWith(prefix)));
  const others = new Map([...refs].filter(([name]) => !name.startsWith(prefix)));
  return [under, others];
}
