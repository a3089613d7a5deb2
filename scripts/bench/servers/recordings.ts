import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, renameSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { GitRequest } from './git-request.ts';
import type { Backend } from './http-backend.ts';

/** Keeps what was asked and answered, so that the same question can be answered without the work behind it. */
export class Recordings {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Answers from an earlier recording. @returns whether there was one */
  replay(request: GitRequest, body: Buffer, response: ServerResponse): boolean {
    const file = this.#file(request, body);
    if (!existsSync(file)) return false;
    const kind =
      request.action === 'info/refs'
        ? `${request.query.slice('service='.length)}-advertisement`
        : `${request.action}-result`;
    response.writeHead(200, { 'content-type': `application/x-${kind}` });
    createReadStream(file, { highWaterMark: 256 << 10 }).pipe(response);
    return true;
  }

  /**
   * Writes down what the backend answers, without its CGI headers, and what was asked, for a client that shall ask for
   * exactly the same.
   */
  record(request: GitRequest, body: Buffer, backend: Backend): void {
    if (request.action === 'git-upload-pack') writeFileSync(requestFile(this.#folder, request.repository), body);
    const file = this.#file(request, body);
    const out = createWriteStream(`${file}.part`);
    let head: Buffer | undefined = Buffer.alloc(0);
    backend.stdout.on('data', (chunk: Buffer) => {
      if (!head) {
        out.write(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      out.write(head.subarray(end + 4));
      head = undefined;
    });
    backend.stdout.once('end', () => out.end(() => renameSync(`${file}.part`, file)));
  }

  #file({ repository, action, query, incoming }: GitRequest, body: Buffer): string {
    const asked = [repository, action, query, incoming.headers['git-protocol'] ?? ''].join('\n');
    return join(this.#folder, createHash('sha256').update(asked).update(body).digest('hex'));
  }
}

/** Where the body of the newest fetch from a repository that was recorded is kept. */
export function requestFile(folder: string, repository: string): string {
  return join(folder, `${repository}.request`);
}
