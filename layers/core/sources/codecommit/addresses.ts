import { HoldfastError } from '#core/runtime/errors.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import { checkRegion } from '../region.ts';
import type { CodeCommitSettings } from './settings.ts';

/**
 * Where Git is served in a region.
 * https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html
 */
export function gitEndpoint(
  region: string,
  { fips, gitEndpoint: own }: Pick<CodeCommitSettings, 'fips' | 'gitEndpoint'>,
): URL {
  if (own !== undefined) return new URL(own);
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return new URL(`https://git-codecommit${fips ? '-fips' : ''}.${checkRegion(region)}.${domain}`);
}

/** Where Git is served: in a region, by a host of AWS or by a VPC endpoint that was named. */
export interface CodeCommitRepository {
  region: string;
  name: string;
  endpoint: URL;
}

/**
 * A repository as git and its helper write it: `https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/shop`, or
 * `codecommit::eu-central-1://shop`. Undefined where it is none of CodeCommit's.
 * @param own the Git endpoint in place of the region's own
 */
export function parseCodeCommitAddress(text: string, own?: string): CodeCommitRepository | undefined {
  const [, helped, helpedName] = /^codecommit::([a-z0-9-]+):\/\/([\w.-]+)$/.exec(text) ?? [];
  if (helped !== undefined && helpedName !== undefined)
    return {
      region: checkRegion(helped),
      name: helpedName,
      endpoint: gitEndpoint(helped, { fips: false, gitEndpoint: own }),
    };
  const [, origin, region, name] =
    /^(https:\/\/git-codecommit(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?)\/v1\/repos\/([\w.-]+)\/?$/.exec(
      text,
    ) ?? [];
  if (origin === undefined || region === undefined || name === undefined) return undefined;
  return { region: checkRegion(region), name, endpoint: new URL(origin) };
}

/** The path under which a repository is served, and which its signature covers. */
export function repositoryPath(name: string): string {
  return `/v1/repos/${encodeURIComponent(name)}`;
}

/** The account of a role's ARN. @throws {HoldfastError} ConfigurationInvalid */
export function accountOf(role: string): string {
  const account = /^arn:aws[a-z-]*:iam::(\d{12}):role\/.+$/.exec(role)?.[1];
  if (account !== undefined) return account;
  throw new HoldfastError('ConfigurationInvalid', `${JSON.stringify(role)} is not the ARN of a role`);
}

/** Where in AWS an item is: its account, region and name. @throws {HoldfastError} SourceMissing */
export function placeOf({ path, name: label }: ManifestItem): { account: string; region: string; name: string } {
  const [account, region, name, ...rest] = path;
  if (account === undefined || region === undefined || name === undefined || rest.length > 0)
    throw new HoldfastError('SourceMissing', `${label} is no repository of CodeCommit`);
  return { account, region, name };
}
