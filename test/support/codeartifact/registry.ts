/** The registries of the stand-in for CodeArtifact: who may do what there, and which format answers. */
import type { ApiExchange } from './api.ts';
import { endpointOf } from './api-repositories.ts';
import { receive } from './content.ts';
import type { PackageFormat } from '@aws-sdk/client-codeartifact';
import { faultyAnswer, faultyBody } from '../git-faults.ts';
import { answerWith, sendBody } from '../http-listener.ts';
import { credentials } from '../recorded-request.ts';
import { denied, missing, Problem } from './problem.ts';
import { notFound, type RegistryAnswer, type RegistryCall } from './registry-call.ts';
import { answerMaven } from './registry-maven.ts';
import { answerNpm } from './registry-npm.ts';
import { answerNuGet } from './registry-nuget.ts';
import { answerPyPI } from './registry-pypi.ts';

type Answerer = (call: RegistryCall) => RegistryAnswer | Promise<RegistryAnswer>;

const registries: Partial<Record<string, Answerer>> = {
  maven: answerMaven,
  npm: answerNpm,
  nuget: answerNuGet,
  pypi: answerPyPI,
} satisfies Partial<Record<PackageFormat, Answerer>>;

export async function answerRegistry(exchange: ApiExchange): Promise<void> {
  const { faults, request, response, incoming } = exchange;
  const target = { kind: 'other', method: request.method, path: request.path, query: request.query } as const;
  const fault = faultyAnswer(faults, target);
  if (fault) {
    request.faults = [fault.name];
    incoming.resume();
    answerWith(response, fault.answer);
    return;
  }
  const { status, headers = {}, body = '', content } = await attempt(exchange);
  incoming.resume();
  const { names, change } = faultyBody(faults, target);
  request.faults = names;
  const text = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const type = content ? 'application/octet-stream' : typeof body === 'string' ? 'text/plain' : 'application/json';
  const length = content ? content.size : text.length;
  response.writeHead(status, { 'content-type': type, 'content-length': length, ...headers });
  if (request.method === 'HEAD') response.end();
  else if (content) await sendBody(response, content.read(), change);
  else if (names.length > 0) await sendBody(response, oneChunk(text), change);
  else response.end(text);
}

async function* oneChunk(text: Buffer): AsyncIterable<Buffer> {
  yield await Promise.resolve(text);
}

async function attempt(exchange: ApiExchange): Promise<RegistryAnswer> {
  try {
    return await answer(exchange);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { status: error.status, body: { message: error.message } };
  }
}

function answer({
  state,
  tokens,
  origin,
  folder,
  incoming,
  request,
}: ApiExchange): RegistryAnswer | Promise<RegistryAnswer> {
  const place = /^\/registry\/([a-z0-9-]+)-(\d{12})\.([a-z0-9-]+)\/([a-z]+)\/([^/]+)\/(.*)$/s.exec(request.path);
  if (!place) return notFound;
  const [, name = '', owner = '', region = '', format = '', repositoryName = '', path = ''] = place;
  const domain = state.findDomain(name, { region, owner });
  const { scheme, user, secret } = credentials(request.headers.authorization);
  const token =
    scheme === 'bearer' || (scheme === 'basic' && user === 'aws') ? tokens.check(secret, domain) : undefined;
  if (!token) {
    const headers = { 'www-authenticate': `Basic realm="${name}/${repositoryName}"` };
    return { status: 401, headers, body: { message: 'Unauthenticated: Invalid or expired authorization token' } };
  }
  const repository = domain.repositories.get(repositoryName);
  if (!repository) throw missing('repository', repositoryName);
  const permit = (action: string, resource: string) => {
    if (state.isDenied(`codeartifact:${action}`, resource)) {
      throw denied(token.account, `codeartifact:${action}`, resource);
    }
  };
  if (request.method === 'GET' || request.method === 'HEAD') permit('ReadFromRepository', repository.arn);
  const registry = registries[format];
  return (
    registry?.({
      state,
      repository,
      base: endpointOf(origin, repository, format),
      method: request.method,
      path,
      header: (wanted) => request.headers[wanted]?.toString(),
      body: incoming as AsyncIterable<Buffer>,
      receive: (stream) => receive(stream, folder),
      permit,
    }) ?? notFound
  );
}
