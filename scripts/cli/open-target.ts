import type { Authorize } from '#core/git/http-transport.ts';
import { HttpTransport } from '#core/git/http-transport.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { parseCodeCommitAddress, type CodeCommitRepository } from '#core/sources/codecommit/addresses.ts';
import { parseGitAddress } from '#core/sources/git/address.ts';
import { byLogins, openLogin, travelsOpenly } from '#core/sources/git/git-source.ts';
import type { FindLogin } from '#core/sources/git/credential-helpers.ts';
import { readNetrc } from '#core/sources/git/netrc.ts';
import type { LfsEndpoint } from '#core/sources/lfs.ts';
import { gitHubAddresses, isTrusted } from '#core/sources/github/addresses.ts';
import { belongsTo } from '#core/sources/hosting/address.ts';
import type { HostDefinition } from '#core/sources/hosting/definition.ts';
import { gitAuthorization, refusedToken } from '#core/sources/hosting/git-authorization.ts';
import { noToken } from '#core/sources/hosting/token.ts';
import { hostDefinitions } from '#core/sources/hosting/hosts.ts';
import type { Context } from './context.ts';
import { helpersOf } from './credential-helpers.ts';
import { hostToken } from './host-token.ts';
import { Credential } from '#core/sources/hosting/credential.ts';
import { gitHubCredential, namedSecret, type TokenFlags } from './open-github.ts';

export interface TargetFlags extends TokenFlags {
  gitEndpoint?: string;
  apiUrl?: string;
  stallSeconds: number;
}

export interface Target {
  transport: Transport;
  /** Patterns of refs that are read-only there. */
  hidden: string[];
  /** How many refs one push may change. */
  refsPerPush?: number;
  /** Whether a push must say beforehand how long it is. */
  needsLength: boolean;
  /** Where its objects of Git LFS are asked for; absent where it has no such server. */
  lfs?: LfsEndpoint;
  /** Whether it is GitHub, by the address of its API. */
  atGitHub: boolean;
  close: () => void;
}

/** A server indexes the whole pack before it answers, and may be silent over it for this long. */
export const indexingMs = 600_000;

/** A Git repository to restore into: at GitHub by the token, at other hosts by netrc, on this machine as it is. */
export async function openTarget(context: Context, url: string, flags: TargetFlags): Promise<Target> {
  const { environment, signal } = context;
  const stallMs = Math.max(flags.stallSeconds * 1000, indexingMs);
  const atCodeCommit = parseCodeCommitAddress(url, flags.gitEndpoint, environment.awsRegion);
  if (atCodeCommit) return openAtCodeCommit(new HttpClient({ stallMs, signal }), atCodeCommit);
  const { location } = parseGitAddress(url);
  if ('folder' in location)
    return {
      transport: new LocalTransport(location.folder, { stallMs, signal }),
      hidden: [],
      needsLength: false,
      atGitHub: false,
      close: () => undefined,
    };
  const host = hostAt(context, location.url);
  if (host) return openAtHost(context, location.url, host, stallMs, helpersOf(context, flags));
  const secret = await namedSecret(flags);
  const addresses = gitHubAddresses(flags.apiUrl ?? secret?.apiUrl);
  const atGitHub = isTrusted(addresses, location.url);
  const http = new HttpClient({ stallMs, signal });
  const [owner] = location.url.pathname.split('/').filter(Boolean);
  const credential = new Credential(
    atGitHub ? gitHubCredential(context, flags, { http, owner, secret }).token : noToken,
  );
  const hasToken = atGitHub && (await credential.token()) !== undefined;
  const byToken: Authorize = async (at, refused) => {
    if (!isTrusted(addresses, at)) return undefined;
    const old = refused === undefined ? undefined : refusedToken(refused);
    const present = await (old === undefined ? credential.token() : credential.renewed(old));
    return present === undefined ? undefined : gitAuthorization(present);
  };
  const netrc = await readNetrc(environment.netrcFile);
  const findLogin = helpersOf(context, flags);
  if (!atGitHub && travelsOpenly(netrc, location.url)) context.output.line(openLogin(location.url));
  const authorize = hasToken ? byToken : byLogins(atGitHub ? new Map() : netrc, location.url, findLogin);
  return {
    transport: new HttpTransport(location.url, http, authorize),
    lfs: { http, repository: location.url, authorize },
    // GitHub makes these itself from pull requests.
    hidden: atGitHub ? ['refs/pull/*'] : [],
    needsLength: false,
    atGitHub,
    close: () => http.close(),
  };
}

/** The Git host to whose configured address a URL belongs; undefined where there is none. */
function hostAt({ environment }: Context, url: URL): HostDefinition | undefined {
  return hostDefinitions.find((definition) => {
    const configured = environment.variable(definition.urlVariable) ?? definition.defaultUrl;
    return configured !== undefined && belongsTo(definition.address(configured), url);
  });
}

/** By the host's token where there is one, else by netrc as any other Git server. */
async function openAtHost(
  { environment, signal }: Context,
  url: URL,
  definition: HostDefinition,
  stallMs: number,
  findLogin: FindLogin | undefined,
): Promise<Target> {
  const address = definition.address(environment.variable(definition.urlVariable));
  const token = await hostToken({ environment }, definition, undefined)();
  const byToken = (authorization: string): Authorize => {
    return (at, refused) =>
      Promise.resolve(refused === undefined && belongsTo(address, at) ? authorization : undefined);
  };
  const http = new HttpClient({ stallMs, signal });
  const authorize =
    token === undefined
      ? byLogins(await readNetrc(environment.netrcFile), url, findLogin)
      : byToken(gitAuthorization(token));
  return {
    transport: new HttpTransport(url, http, authorize),
    lfs: { http, repository: url, authorize },
    hidden: [...definition.hiddenRefs],
    needsLength: false,
    atGitHub: false,
    close: () => http.close(),
  };
}

/** The credentials that an address names, for the SDK. */
export function profileOf({ profile }: CodeCommitRepository): { profile?: string } {
  return profile === undefined ? {} : { profile };
}

/** https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html */
const refsPerPushAtCodeCommit = 4_000;

async function openAtCodeCommit(http: HttpClient, repository: CodeCommitRepository): Promise<Target> {
  // Loaded only when needed, with the SDK.
  const { CodeCommitApi } = await import('#core/sources/codecommit/api.ts');
  const { openCodeCommit } = await import('#core/sources/codecommit/transport.ts');
  const api = new CodeCommitApi(repository.region, profileOf(repository));
  return {
    transport: openCodeCommit(http, api, repository),
    hidden: [],
    needsLength: true,
    atGitHub: false,
    refsPerPush: refsPerPushAtCodeCommit,
    close: () => {
      api.close();
      http.close();
    },
  };
}
