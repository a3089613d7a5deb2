import type { Installation } from '../app/github-app.ts';
import type { AnyDataset, Right } from './dataset.ts';

/**
 * What a credential may read, as far as it is known beforehand: the permissions of an app, the scopes of a classic token.
 * Fine-grained tokens do not tell theirs: what one lacks shows when it is read.
 */
export type Access =
  | { of: 'app'; permissions: Readonly<Record<string, string>>; account: { type: string } }
  | { of: 'classic token'; scopes: readonly string[] }
  | { of: 'unknown' };

export function accessOfApp({ permissions, account }: Installation): Access {
  return { of: 'app', permissions, account };
}

export function accessOfScopes(scopes: readonly string[] | undefined): Access {
  return scopes === undefined ? { of: 'unknown' } : { of: 'classic token', scopes };
}

/** What a dataset needs and the credential lacks, with what gives it, for people; undefined where nothing is known to lack. */
export function lacking(dataset: AnyDataset, access: Access): string | undefined {
  const { rights } = dataset;
  switch (access.of) {
    case 'app': {
      const never = dataset.of === 'account' ? dataset.withoutApps?.(access.account) : undefined;
      if (never !== undefined) return `${never}; a classic token would do`;
      const missing = rights.filter(({ permission }) => !isGiven(access.permissions[permission]));
      return missing.length === 0
        ? undefined
        : `the app lacks ${missing.map(({ permission }) => `the permission ${permission} (read)`).join(' and ')}`;
    }
    case 'classic token': {
      const missing = rights.filter((right) => !hasScope(right, access.scopes));
      return missing.length === 0
        ? undefined
        : `the token lacks ${missing.map(({ scopes }) => `the scope ${scopes.join(' or ')}`).join(' and ')}`;
    }
    case 'unknown':
      return undefined;
  }
}

function isGiven(level: string | undefined): boolean {
  return level !== undefined && level !== 'none';
}

function hasScope({ scopes }: Right, given: readonly string[]): boolean {
  return scopes.length === 0 || scopes.some((scope) => given.includes(scope));
}
