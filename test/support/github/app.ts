/** GitHub Apps at the stand-in: proofs by key, installations, and tokens of an hour. */
import { createVerify, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import type { RecordedRequest } from '../recorded-request.ts';
import { failure, type ApiAnswer, type ApiCall } from './api-answer.ts';
import { pageOfInstallation } from './api-repositories.ts';
import type { GitHubState } from './state.ts';

export interface InstallationOptions {
  id: number;
  /** The login of the account. */
  account: string;
  /** Full names; undefined: all of the account. */
  repositories?: readonly string[];
  permissions?: Readonly<Record<string, string>>;
  suspended?: boolean;
}

interface MintedToken {
  installation: number;
  endsAt: number;
}

/** One app, with a key of its own. A test may change its fields at any time. */
export class GitHubApp {
  readonly id = '4711';
  readonly privateKey: string;
  installations: InstallationOptions[];
  tokenLifetimeMs = 3_600_000;
  /** What GitHub's clock is ahead of the machine's. */
  clockAheadMs = 0;
  /** All tokens so far, oldest first, in the long form with dots that GitHub gives since 2026. */
  readonly minted: string[] = [];
  readonly #publicKey: KeyObject;
  readonly #tokens = new Map<string, MintedToken>();

  constructor(...installations: InstallationOptions[]) {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.#publicKey = publicKey;
    this.privateKey = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    this.installations = installations;
  }

  /** Ends all tokens before their time. */
  revokeTokens(): void {
    this.#tokens.clear();
  }

  /** Who has an installation's token, as a login that no user has. */
  holderOf(token: string): string | undefined {
    const found = this.#tokens.get(token);
    return found && found.endsAt > Date.now() ? `installation ${found.installation}` : undefined;
  }

  isHolder(login: string): boolean {
    return login.startsWith('installation ');
  }

  reaches(login: string, owner: string, fullName: string): boolean {
    const found = this.installations.find(({ id }) => login === `installation ${id}`);
    return found?.account === owner && (found.repositories?.includes(fullName) ?? true);
  }

  now(): number {
    return Date.now() + this.clockAheadMs;
  }

  mint(installation: number): { token: string; expires_at: string } {
    const token = `ghs_${randomBytes(129).toString('base64url')}.${randomBytes(129).toString('base64url')}.${randomBytes(127).toString('base64url')}`;
    this.#tokens.set(token, { installation, endsAt: Date.now() + this.tokenLifetimeMs });
    this.minted.push(token);
    return { token, expires_at: new Date(this.now() + this.tokenLifetimeMs).toISOString() };
  }

  /** Why a proof is refused; undefined where it is good. */
  problemWith(proof: string): string | undefined {
    const [head = '', claims = '', signature = ''] = proof.split('.');
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number; exp: number; iss: string };
    if (said.iss !== this.id) return "'Issuer' claim ('iss') must be an Integer";
    const signed = createVerify('sha256').update(`${head}.${claims}`);
    if (!signed.verify(this.#publicKey, Buffer.from(signature, 'base64url')))
      return 'A JSON web token could not be decoded';
    const now = this.now() / 1000;
    if (said.exp < now) return "'Expiration time' claim ('exp') must be a numeric value representing the future time";
    if (said.exp > now + 600) return "'Expiration time' claim ('exp') is too far in the future";
    return said.iat > now ? "'Issued at' claim ('iat') must be an Integer representing the time" : undefined;
  }
}

/** Answers what only an app may ask, by its proof; undefined for any other request. */
export function answerApp(state: GitHubState, { method, path }: RecordedRequest, proof: string): ApiAnswer | undefined {
  const { app } = state;
  if (!app || !/^\/(app|orgs\/[^/]+\/installation$|users\/[^/]+\/installation$)/.test(path)) return undefined;
  const headers = { date: new Date(app.now()).toUTCString() };
  const problem = proof.split('.').length === 3 ? app.problemWith(proof) : 'A JSON web token could not be decoded';
  if (problem !== undefined) return { ...failure(401, problem), headers };
  const describe = (one: InstallationOptions) => ({
    id: one.id,
    account: {
      id: state.findAccount(one.account)?.id ?? 0,
      login: one.account,
      type: state.findAccount(one.account)?.type ?? 'User',
    },
    app_slug: 'holdfast-backup',
    repository_selection: one.repositories ? 'selected' : 'all',
    permissions: one.permissions ?? { metadata: 'read', contents: 'read' },
    suspended_at: one.suspended ? '2026-01-01T00:00:00Z' : null,
  });
  const [, owner] = /^\/(?:orgs|users)\/([^/]+)\/installation$/.exec(path) ?? [];
  const [, id, tokens] = /^\/app\/installations\/(\d+)(\/access_tokens)?$/.exec(path) ?? [];
  if (path === '/app/installations') return { status: 200, body: app.installations.map(describe), headers };
  const found = app.installations.find((one) =>
    owner === undefined ? String(one.id) === id : one.account.toLowerCase() === owner.toLowerCase(),
  );
  const isOrganisation = state.findAccount(found?.account ?? '')?.type === 'Organization';
  if (!found || (owner !== undefined && path.startsWith('/orgs/') !== isOrganisation))
    return { ...failure(404, 'Not Found'), headers };
  if (tokens === undefined) return { status: 200, body: describe(found), headers };
  if (method !== 'POST') return { ...failure(404, 'Not Found'), headers };
  if (found.suspended) return { ...failure(403, 'This installation has been suspended'), headers };
  return { status: 201, body: { ...app.mint(found.id), permissions: describe(found).permissions }, headers };
}

export function installationRepositories(call: ApiCall): ApiAnswer {
  const { state, viewer } = call;
  if (viewer === undefined || !state.app?.isHolder(viewer))
    return failure(403, 'You must authenticate with an installation access token');
  return pageOfInstallation(
    call,
    state.repositories.filter((one) => state.affiliation(viewer, one) !== undefined),
  );
}
