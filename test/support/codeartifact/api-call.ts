/** One request to the API as its operation sees it, and what all operations share. */
import { PackageFormat, PackageVersionStatus } from '@aws-sdk/client-codeartifact';
import * as v from 'valibot';
import type { Content } from './content.ts';
import {
  packageKey,
  type Domain,
  type Package,
  type PackageName,
  type PackageVersion,
  type Repository,
} from './model.ts';
import { normalName, normalVersion } from './names.ts';
import { invalid, missing } from './problem.ts';
import type { SortedMap } from './sorted-map.ts';
import type { CodeArtifactState } from './state.ts';
import type { Tokens } from './tokens.ts';

export interface ApiCall {
  operation: string;
  state: CodeArtifactState;
  tokens: Tokens;
  /** Where the server is. */
  origin: string;
  region: string;
  /** Of the caller. */
  account: string;
  query: URLSearchParams;
  header(name: string): string | undefined;
  /** The whole body. */
  text(): Promise<string>;
  /** The body as an upload. */
  upload(): Promise<Content>;
}

export interface ApiAnswer {
  headers?: Record<string, string>;
  /** Becomes JSON. */
  body: object;
}

/** An answer that is an asset. */
export interface AssetAnswer {
  headers: Record<string, string>;
  content: Content;
}

export type Operation = (call: ApiCall) => ApiAnswer | AssetAnswer | Promise<ApiAnswer | AssetAnswer>;

export function required({ query }: Pick<ApiCall, 'query'>, name: string): string {
  const value = query.get(name);
  if (value === null || value === '') throw invalid(`1 validation error detected: ${name} must not be null`);
  return value;
}

export async function bodyOf<const Schema extends v.GenericSchema>(
  call: ApiCall,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  let input: unknown;
  try {
    input = JSON.parse((await call.text()) || '{}');
  } catch {
    throw invalid('The body is not JSON');
  }
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  throw invalid(result.issues.map((issue) => `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`).join('; '));
}

const format = v.picklist(Object.values(PackageFormat));
const status = v.picklist(Object.values(PackageVersionStatus));

export function formatOf(call: Pick<ApiCall, 'query'>, value = required(call, 'format')): PackageFormat {
  if (v.is(format, value)) return value;
  throw invalid(`Value '${value}' at 'format' must satisfy enum value set: [${format.options.join(', ')}]`);
}

export function statusOf(value: string): PackageVersionStatus {
  if (v.is(status, value)) return value;
  throw invalid(`Value '${value}' at 'status' must satisfy enum value set: [${status.options.join(', ')}]`);
}

export function domainOf(call: ApiCall, name = required(call, 'domain')): Domain {
  return call.state.findDomain(name, { region: call.region, owner: call.query.get('domain-owner') ?? call.account });
}

export function repositoryOf(call: ApiCall, parameter = 'repository'): Repository {
  const domain = domainOf(call);
  const name = required(call, parameter);
  const found = domain.repositories.get(name);
  if (!found) throw missing('repository', name, `domain '${domain.name}' owned by account '${domain.owner}'`);
  return found;
}

export function packageName(call: ApiCall): PackageName {
  const namespace = call.query.get('namespace') ?? undefined;
  const of = formatOf(call);
  if (namespace === undefined && (of === 'maven' || of === 'generic' || of === 'swift')) {
    throw invalid(`A namespace is required for packages of format ${of}`);
  }
  return { format: of, namespace, package: normalName(of, required(call, 'package')) };
}

export function packageOf(call: ApiCall, repository = repositoryOf(call)): Package {
  const name = packageName(call);
  const found = repository.packages.get(packageKey(name));
  if (found) return found;
  throw missing('package', name.package, `repository '${repository.name}'`);
}

export function versionOf(call: ApiCall): PackageVersion {
  const of = packageOf(call);
  const version = required(call, 'version');
  const found = of.versions.get(normalVersion(of.format, version));
  if (!found) throw missing('package-version', version, `package '${of.name}'`);
  return found;
}

/** The parts of an answer that name a package. */
export function named({ format, namespace, name }: Package) {
  return { format, ...(namespace !== undefined && { namespace }), package: name };
}

/** Epoch seconds, as the API states times. */
export function seconds(time: Date): number {
  return time.getTime() / 1000;
}

interface Paging {
  maxResults?: number | undefined;
  nextToken?: string | undefined;
}

/** One page of what a filter lets through, and the token of the next one if there is more. */
export function page<Value, Key extends string>(
  call: ApiCall,
  key: Key,
  entries: Pick<SortedMap<Value>, 'after'>,
  entry: (value: Value) => object | undefined,
  { maxResults = sizeOf(call), nextToken = call.query.get('next-token') ?? undefined }: Paging = {},
): Partial<Record<Key | 'nextToken', object[] | string>> {
  if (!(maxResults >= 1 && maxResults <= 1000)) throw invalid(`maxResults must be between 1 and 1000`);
  const chosen: object[] = [];
  let last = '';
  for (const [name, value] of entries.after(cursorOf(call, nextToken))) {
    const made = entry(value);
    if (!made) continue;
    if (chosen.length === maxResults) {
      const token = Buffer.from(JSON.stringify([call.operation, scope(call), last])).toString('base64');
      return { [key]: chosen, nextToken: token } as Partial<Record<Key | 'nextToken', object[] | string>>;
    }
    chosen.push(made);
    last = name;
  }
  return { [key]: chosen } as Partial<Record<Key | 'nextToken', object[] | string>>;
}

function sizeOf({ query, state }: ApiCall): number {
  const wanted = query.get('max-results');
  return wanted === null ? state.pageSize : Number(wanted);
}

const token = v.tuple([v.string(), v.string(), v.string()]);

/** Where a token goes on. A token of another request is refused, as is one that nobody gave. */
function cursorOf(call: ApiCall, nextToken: string | undefined): string | undefined {
  if (nextToken === undefined) return undefined;
  let input: unknown;
  try {
    input = JSON.parse(Buffer.from(nextToken, 'base64').toString());
  } catch {
    throw invalid('The nextToken is not valid');
  }
  if (!v.is(token, input) || input[0] !== call.operation || input[1] !== scope(call)) {
    throw invalid('The nextToken is not valid for this request');
  }
  return input[2];
}

function scope({ query }: ApiCall): string {
  const kept = [...query].filter(([name]) => name !== 'next-token' && name !== 'max-results');
  return kept
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&');
}
