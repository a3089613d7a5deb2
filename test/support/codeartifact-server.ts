/**
 * A stand-in for CodeArtifact: its API, as the SDK calls it, and the registries behind GetRepositoryEndpoint, as
 * package managers use them, on one server. A test can change domains, packages, tokens and limits while clients are
 * at work.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerApi, type ApiExchange } from './codeartifact/api.ts';
import { endpointOf } from './codeartifact/api-repositories.ts';
import { generatedContent } from './codeartifact/content.ts';
import { Meter } from './codeartifact/meter.ts';
import type { PackageVersion, Repository } from './codeartifact/model.ts';
import { answerRegistry } from './codeartifact/registry.ts';
import { CodeArtifactState, type StateOptions, type VersionOptions } from './codeartifact/state.ts';
import { Tokens } from './codeartifact/tokens.ts';
import type { Fault } from './git-faults.ts';
import { listen, type Listening, type Tls } from './http-listener.ts';
import { record, type RecordedRequest } from './recorded-request.ts';

export interface CodeArtifactOptions extends StateOptions {
  /** Access key → account. Default: all belong to the state's own. */
  accounts?: Readonly<Record<string, string>>;
  tls?: Tls;
}

export type CodeArtifact = CodeArtifactState &
  Listening & {
    /** For `new CodeartifactClient(…)`. */
    clientConfig: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
    /** Requests to the API (`api`) and to registries (`other`), oldest first; of many, the last 10,000 to 20,000. */
    requests: RecordedRequest[];
    /** Faults of both: `on: 'api'` or `on: 'other'`; see codeartifact/faults.ts for what `path` is. */
    faults: Fault[];
    /** Calls of the API by operation, their rates, and limits to them. */
    meter: Meter;
    /** Those that were given out. */
    tokens: Tokens;
    /** Called before a call of the API is answered, with what it is about: `/GetPackageVersionAsset/company/…`. */
    beforeCall: ApiExchange['beforeCall'];
    /** What GetRepositoryEndpoint answers, with a slash at the end. */
    endpointOf(repository: Repository, format: VersionOptions['format']): string;
    /** Ends the server. Rejects where a token was in a URL, or where `onEvent` failed. */
    close(): Promise<void>;
  };

/** Starts the stand-in on a free port of 127.0.0.1. */
export async function startCodeArtifact(options: CodeArtifactOptions = {}): Promise<CodeArtifact> {
  const { accounts = {}, tls } = options;
  const folder = await mkdtemp(join(tmpdir(), 'codeartifact-'));
  const state = new CodeArtifactState(options);
  const requests: RecordedRequest[] = [];
  const faults: Fault[] = [];
  const meter = new Meter();
  const tokens = new Tokens();
  let leak: string | undefined;
  const listening = await listen(async (incoming, response) => {
    const isRegistry = incoming.url?.startsWith('/registry/') ?? false;
    const request = record(incoming, response, isRegistry ? 'other' : 'api', Buffer.alloc(0));
    if (requests.push(request) > 20_000) requests.splice(0, 10_000);
    if (tokens.isIn(decodeURIComponent(incoming.url ?? ''))) leak ??= `${request.method} ${request.path}`;
    const { beforeCall } = server;
    const exchange = { state, tokens, meter, faults, accounts, beforeCall, folder, incoming, request, response };
    await (isRegistry ? answerRegistry : answerApi)({ ...exchange, origin: listening.url });
  }, tls);
  const close = async () => {
    await listening.close();
    await rm(folder, { recursive: true, force: true });
    await state.settled();
    if (leak !== undefined) throw new Error(`a token was in the URL of ${leak}`);
  };
  const credentials = { accessKeyId: 'AKIALOCALTESTS000001', secretAccessKey: 'local' };
  const clientConfig = { endpoint: listening.url, region: state.region, credentials };
  const endpoint = (repository: Repository, format: string) => endpointOf(listening.url, repository, format);
  const more = { endpointOf: endpoint, clientConfig, requests, faults, meter, tokens, beforeCall: undefined, close };
  const server: CodeArtifact = Object.assign(state, { ...listening, ...more });
  return server;
}

export interface SeedOptions extends Pick<VersionOptions, 'format' | 'namespace' | 'status' | 'externalConnection'> {
  packages: number;
  /** Of each package. Default 1. */
  versions?: number;
  /** Of each version's one asset. Default 100. */
  bytes?: number;
  /** Events tell of them. Default false. */
  told?: boolean;
}

/** Adds many small versions with distinct content, `package-0001` 1.0.0 and so on, in little time and memory. */
export function seedPackages(
  state: CodeArtifactState,
  repository: Repository,
  { packages, versions = 1, bytes = 100, told = false, ...more }: SeedOptions,
): PackageVersion[] {
  const needed = ['maven', 'generic', 'swift'].includes(more.format) ? { namespace: 'com.example' } : {};
  return Array.from({ length: packages * versions }, (_, index) => {
    const name = `package-${String(Math.floor(index / versions) + 1).padStart(4, '0')}`;
    const version = `1.0.${index % versions}`;
    const asset = assetName(more.format, name, version);
    const content = generatedContent({ size: bytes, seed: `${name} ${version}` });
    const publishedAt = new Date(Date.UTC(2026, 0, 1) + index * 1000);
    const options = { package: name, version, assets: { [asset]: content }, publishedAt, quiet: !told };
    return state.addVersion(repository, { ...needed, ...more, ...options });
  });
}

/** What CodeArtifact calls the main asset of a version. */
function assetName(format: VersionOptions['format'], name: string, version: string): string {
  const names = {
    npm: 'package.tgz',
    maven: `${name}-${version}.jar`,
    pypi: `${name.replaceAll('-', '_')}-${version}-py3-none-any.whl`,
    nuget: `${name}.${version}.nupkg`,
    generic: 'asset.bin',
    ruby: `${name}-${version}.gem`,
    swift: `${name}-${version}.zip`,
    cargo: `${name}-${version}.crate`,
  };
  return names[format];
}
