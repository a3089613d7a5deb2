import type { IncomingMessage } from 'node:http';

/** A request of the smart HTTP protocol. */
export interface GitRequest {
  /**
   * The first segment of the path. It tells nothing of the repository: `/live/a.git`, `/replay/a.git` and `/17/a.git`
   * are one and the same. `replay` asks for an answer as it was once given.
   */
  way: string;
  /** As in `a.git`. */
  repository: string;
  action: string;
  query: string;
  incoming: IncomingMessage;
}

export function parseGitRequest(incoming: IncomingMessage): GitRequest | undefined {
  const url = new URL(incoming.url ?? '/', 'http://server');
  const [, way, repository, action] =
    /^\/([a-z0-9]+)\/([\w.-]+\.git)\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname) ?? [];
  if (way === undefined || repository === undefined || action === undefined) return undefined;
  return { way, repository, action, query: url.search.slice(1), incoming };
}
