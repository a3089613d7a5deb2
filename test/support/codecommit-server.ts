/**
 * CodeCommit's Git endpoint for tests: real repositories behind `/v1/repos/<name>`, protocol 0 with the few
 * capabilities that CodeCommit has, and callers known by the signature that AWS's own helper makes.
 */
import { createHash, createHmac } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { advertiseAsCodeCommit } from './capabilities.ts';
import { startGitServer, type Access, type GitServer } from './git-server.ts';

export interface CodeCommitOptions {
  /** Folder of the bare repositories: `app` for `/v1/repos/app`. */
  root: string;
  region: string;
  /** What belongs to an access key; undefined for one that nobody was given. */
  findKey: (id: string) => AccessKey | null | undefined | Promise<AccessKey | null>;
  /** Told of each request that was let through. */
  onAccess?: (access: { keyId: string; repository: string; write: boolean }) => void | Promise<void>;
}

export interface AccessKey {
  secret: string;
  /** The session's token, without which a temporary key is worth nothing. */
  token?: string;
}

/** How far a signature's time may be from the server's. */
const validMs = 15 * 60_000;

export async function startCodeCommit(options: CodeCommitOptions): Promise<GitServer> {
  const { root, region, findKey, onAccess } = options;
  let host = '';
  const server = await startGitServer({
    root,
    protocol: 'v0',
    faults: [advertiseAsCodeCommit()],
    // As CodeCommit does with a push whose length it is not told.
    intercept: (request, response) => {
      if (request.headers['transfer-encoding'] !== 'chunked') return false;
      response.destroy();
      return true;
    },
    locate: (repository) => /^v1\/repos\/([^/]+)$/.exec(repository)?.[1],
    authorize: async (access) => {
      const [keyId = ''] = access.user.split('%');
      const key = await findKey(keyId);
      // CodeCommit answers so to an unknown caller, instead of asking who it is.
      if (!key || !isSigned(access, key, host, region)) return access.scheme === 'none' ? false : 403;
      await onAccess?.({ keyId, repository: access.repository.replace(/^.*\//, ''), write: access.write });
      return true;
    },
  });
  host = new URL(server.url).host;
  return server;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, step by step. */
function isSigned({ user, secret, repository }: Access, key: AccessKey, host: string, region: string): boolean {
  if (key.token !== undefined && !user.endsWith(`%${key.token}`)) return false;
  const [, date = '', time = '', signature = ''] = /^(\d{8})T(\d{6})Z([0-9a-f]{64})$/.exec(secret) ?? [];
  if (signature === '') return false;
  const moment = Date.parse(`${date}T${time}Z`.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Math.abs(Date.now() - moment) > validMs) return false;
  const canonicalRequest = ['GIT', `/${repository}`, '', `host:${host}`, '', 'host', ''].join('\n');
  const scope = [date, region, 'codecommit', 'aws4_request'];
  const hash = createHash('sha256').update(canonicalRequest).digest('hex');
  const stringToSign = ['AWS4-HMAC-SHA256', `${date}T${time}`, scope.join('/'), hash].join('\n');
  let signingKey = Buffer.from(`AWS4${key.secret}`);
  for (const part of scope) signingKey = createHmac('sha256', signingKey).update(part).digest();
  return createHmac('sha256', signingKey).update(stringToSign).digest('hex') === signature;
}

/** The types of a pack's objects, in order (gitformat-pack): 6 is a delta that names its base by its place, 7 by its id. */
export function objectTypes(pack: Buffer): number[] {
  const types: number[] = [];
  let at = 12;
  for (let left = pack.readUInt32BE(8); left > 0; left--) {
    const type = ((pack[at] ?? 0) >> 4) & 7;
    types.push(type);
    while (((pack[at++] ?? 0) & 0x80) !== 0);
    if (type === 6) while (((pack[at++] ?? 0) & 0x80) !== 0);
    if (type === 7) at += 20;
    const { engine } = inflateSync(pack.subarray(at), { info: true }) as unknown as {
      engine: { bytesWritten: number };
    };
    at += engine.bytesWritten;
  }
  return types;
}
