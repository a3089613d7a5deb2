import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server in its own process, so that its processor time is not counted as the client's. */
export interface ServerProcess {
  /** Without a slash at its end. */
  url: string;
  /** What it has counted since it began. */
  figures(): Promise<Figures>;
  stop(): Promise<void>;
}

export interface Figures {
  requests: number;
  /** Bytes of objects that it was sent. */
  bytes: number;
}

/**
 * Starts a server's program.
 * @param file the program, which calls `reportTo` of serving.ts
 */
export async function startServer(file: URL, args: readonly string[]): Promise<ServerProcess> {
  const child = fork(fileURLToPath(file), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const first = await Promise.race([once(child, 'message'), ended.then(() => undefined)]);
  if (!first) throw new Error(`${file.pathname} did not start`);
  const [{ url }] = first as [{ url: string }];
  // Nothing that is measured without its server means anything.
  const onCrash = (): void => {
    throw new Error(`${file.pathname} has ended`);
  };
  child.once('exit', onCrash);
  return {
    url,
    figures: async () => {
      const answer = once(child, 'message');
      child.send('figures');
      return ((await answer) as [Figures])[0];
    },
    stop: async () => {
      child.off('exit', onCrash);
      child.disconnect();
      await ended;
    },
  };
}
