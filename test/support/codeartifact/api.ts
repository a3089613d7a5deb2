/** The API of the stand-in for CodeArtifact: which operation a request is, and how it is answered. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { faultyAnswer, faultyBody, type Fault } from '../git-faults.ts';
import { answerWith, sendBody } from '../http-listener.ts';
import type { RecordedRequest } from '../recorded-request.ts';
import { collect } from '../streams.ts';
import { accessOperations } from './api-access.ts';
import { assetOperations } from './api-assets.ts';
import type { ApiAnswer, ApiCall, AssetAnswer, Operation } from './api-call.ts';
import { domainOperations } from './api-domains.ts';
import { packageOperations } from './api-packages.ts';
import { repositoryOperations } from './api-repositories.ts';
import { routes } from './api-routes.ts';
import { versionChangeOperations } from './api-version-changes.ts';
import { versionOperations } from './api-versions.ts';
import { receive } from './content.ts';
import { problemAnswer } from './faults.ts';
import type { Meter } from './meter.ts';
import { denied, Problem } from './problem.ts';
import type { CodeArtifactState } from './state.ts';
import type { Tokens } from './tokens.ts';

const operations: Record<string, Operation> = {
  ...accessOperations,
  ...assetOperations,
  ...domainOperations,
  ...packageOperations,
  ...repositoryOperations,
  ...versionChangeOperations,
  ...versionOperations,
};

export interface ApiExchange {
  state: CodeArtifactState;
  tokens: Tokens;
  meter: Meter;
  faults: readonly Fault[];
  origin: string;
  /** Access key → the account that it belongs to, where that is not the state's own. */
  accounts: Readonly<Record<string, string>>;
  /** Called before a call is answered, by which time a test may change what it is about. */
  beforeCall: ((call: string) => void | Promise<void>) | undefined;
  /** Where large uploads are kept. */
  folder: string;
  incoming: IncomingMessage;
  request: RecordedRequest;
  response: ServerResponse;
}

/** What a call is about, for faults: `/ListPackages/company/libraries`. */
export function callOf({ method, path, query }: RecordedRequest): string {
  const operation = routes[`${method} ${path}`] ?? 'Unknown';
  const names = ['domain', 'repository', 'source-repository', 'format', 'namespace', 'package', 'version', 'asset'];
  return ['', operation, ...names.flatMap((name) => query.get(name) ?? [])].join('/');
}

export async function answerApi(exchange: ApiExchange): Promise<void> {
  const { faults, meter, request, response, incoming } = exchange;
  const path = callOf(request);
  const target = { kind: 'api', method: request.method, path, query: request.query } as const;
  const admitted = meter.admit(path.split('/')[1] ?? '');
  await exchange.beforeCall?.(path);
  const fault = faultyAnswer(faults, target);
  if (fault) {
    request.faults = [fault.name];
    incoming.resume();
    answerWith(response, fault.answer);
    return;
  }
  let answer: ApiAnswer | AssetAnswer;
  try {
    if (!admitted) throw new Problem('ThrottlingException', 'Rate exceeded');
    answer = await perform(exchange);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    incoming.resume();
    const { status, headers, body } = problemAnswer(error);
    answerWith(response, { status, body, headers: { ...headers, 'x-amzn-requestid': randomUUID() } });
    return;
  }
  const { names, change } = faultyBody(faults, target);
  request.faults = names;
  const headers = { 'x-amzn-requestid': randomUUID(), 'content-type': 'application/json', ...answer.headers };
  if ('content' in answer) {
    response.writeHead(200, { ...headers, 'content-length': answer.content.size });
    await sendBody(response, answer.content.read(), change);
    return;
  }
  const body = JSON.stringify(answer.body);
  response.writeHead(200, headers);
  if (names.length === 0) response.end(body);
  else await sendBody(response, Readable.from([Buffer.from(body)]), change);
}

function perform(exchange: ApiExchange): ReturnType<Operation> {
  const { state, tokens, origin, accounts, folder, incoming, request } = exchange;
  const authorization = request.headers.authorization ?? '';
  const credential = /Credential=([^/]+)\/\d+\/([^/]+)\/codeartifact\/aws4_request/.exec(authorization);
  if (!credential) throw new Problem('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, accessKey = '', region = ''] = credential;
  const name = routes[`${request.method} ${request.path}`] ?? '';
  const operation = operations[name];
  if (!operation) {
    throw new Problem('ValidationException', `${request.method} ${request.path}`, { reason: 'UNKNOWN_OPERATION' });
  }
  const body = incoming as AsyncIterable<Buffer>;
  const call: ApiCall = {
    operation: name,
    state,
    tokens,
    origin,
    region,
    account: accounts[accessKey] ?? state.account,
    query: request.query,
    header: (wanted) => request.headers[wanted]?.toString(),
    text: async () => (await collect(body)).toString(),
    upload: () => receive(body, folder),
  };
  const resource = resourceOf(call);
  if (state.isDenied(`codeartifact:${name}`, resource)) throw denied(call.account, `codeartifact:${name}`, resource);
  return operation(call);
}

/** The ARN that IAM is asked about. */
function resourceOf({ query, region, account }: ApiCall): string {
  const domain = query.get('domain');
  if (domain === null) return query.get('resourceArn') ?? '*';
  const prefix = `arn:aws:codeartifact:${region}:${query.get('domain-owner') ?? account}`;
  const repository = query.get('repository') ?? query.get('source-repository');
  if (repository === null) return `${prefix}:domain/${domain}`;
  const name = query.get('package');
  if (name === null) return `${prefix}:repository/${domain}/${repository}`;
  return `${prefix}:package/${domain}/${repository}/${query.get('format') ?? ''}/${query.get('namespace') ?? ''}/${name}`;
}
