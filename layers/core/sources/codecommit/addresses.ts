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
  /** The profile of AWS's configuration whose credentials sign; those that the SDK finds where it is undefined. */
  profile?: string | undefined;
}

/** The forms of git-remote-codecommit. https://github.com/aws/git-remote-codecommit */
const withRegion = /^codecommit::([a-z0-9-]+):\/\/(?:([^@/:]+)@)?([\w.-]+)$/;
const withoutRegion = /^codecommit:\/\/(?:([^@/:]+)@)?([\w.-]+)$/;

/** As CodeCommit serves it over https. */
const served = /^(https:\/\/git-codecommit(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?)\/v1\/repos\/([\w.-]+)\/?$/;

export function isCodeCommitAddress(text: string): boolean {
  return withRegion.test(text) || withoutRegion.test(text) || served.test(text);
}

/**
 * A repository as git and its helper write it: `https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/shop`,
 * `codecommit::eu-central-1://shop`, `codecommit://shop` in the region of the environment, and each of the last two with a
 * profile before the name: `codecommit::eu-central-1://work@shop`. Undefined where it is not one of CodeCommit.
 * @param own the Git endpoint in place of the region's own
 * @param usualRegion of the environment
 * @throws {HoldfastError} Usage where no region is known
 */
export function parseCodeCommitAddress(
  text: string,
  own?: string,
  usualRegion?: string,
): CodeCommitRepository | undefined {
  const [, origin, region, name] = served.exec(text) ?? [];
  if (origin !== undefined && region !== undefined && name !== undefined)
    return { region: checkRegion(region), name, endpoint: new URL(own ?? origin) };
  const [, named, profile, repository] = withRegion.exec(text) ?? [];
  if (named !== undefined && repository !== undefined) return byHelper(named, repository, profile, own);
  const [, usualProfile, only] = withoutRegion.exec(text) ?? [];
  if (only === undefined) return undefined;
  if (usualRegion !== undefined) return byHelper(usualRegion, only, usualProfile, own);
  throw new HoldfastError('Usage', `${text} names no region, and AWS_REGION is not set`, {
    advice: `Write codecommit::<region>://${usualProfile === undefined ? '' : `${usualProfile}@`}${only}.`,
  });
}

function byHelper(region: string, name: string, profile: string | undefined, own?: string): CodeCommitRepository {
  return {
    region: checkRegion(region),
    name,
    endpoint: gitEndpoint(region, { fips: false, gitEndpoint: own }),
    profile,
  };
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
    throw new HoldfastError('SourceMissing', `${label} is not a repository of CodeCommit`);
  return { account, region, name };
}
