/** A repository on a real server, and a vault to back it up into: what most tests of backups begin with. */
import { join } from 'node:path';
import type { HttpTransport } from '#core/git/http-transport.ts';
import type { HttpOptions } from '#core/runtime/http.ts';
import { Backups, thrice, useHttp, type Settings, type Taken } from '../../../../support/backups.ts';
import { startGitServer, type GitServer, type GitServerOptions } from '../../../../support/git-server.ts';
import { createRepository, useTemporaryFolders, type RepositoryShape } from '../../../../support/repositories.ts';

export interface Served {
  /** The repository in the server's folder, `app.git`. */
  path: string;
  server: GitServer;
  backups: Backups;
  transport: HttpTransport;
  take(settings?: Settings): Promise<Taken>;
  /** The same with three attempts. */
  takeThrice(settings?: Settings): Promise<Taken>;
}

/** For the body of a `describe`: makes served repositories and stops their servers after each test. */
export function useServed(
  http?: HttpOptions,
): (shape?: RepositoryShape, options?: Omit<GitServerOptions, 'root'>) => Promise<Served> {
  const folder = useTemporaryFolders();
  const transportTo = useHttp(http);
  const servers: GitServer[] = [];
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));
  return async (shape = { commits: 3, branches: ['topic'] }, options = {}) => {
    const root = await folder();
    const path = await createRepository(join(root, 'app.git'), shape);
    const server = await startGitServer({ root, ...options });
    servers.push(server);
    const backups = new Backups(await folder());
    const transport = transportTo(`${server.url}/app.git`);
    const take = (settings: Settings = {}) => backups.take(transport, settings);
    const takeThrice = (settings: Settings = {}) =>
      take({ ...settings, options: { retry: thrice, ...settings.options } });
    return { path, server, backups, transport, take, takeThrice };
  };
}
