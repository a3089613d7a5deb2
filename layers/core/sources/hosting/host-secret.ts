import * as v from 'valibot';
import { keepSecret } from '#core/runtime/redact.ts';
import { parse } from '#core/runtime/schema.ts';
import type { RepositoryData } from '#core/vault/manifest.ts';
import type { Objectives } from '../objectives.ts';
import type { HostAddress } from './address.ts';
import type { HostDefinition } from './definition.ts';
import type { VaultPlace } from './secret-place.ts';
import {
  onlyEntries,
  requestsEntry,
  secretPairs,
  selectionOf,
  sharedEntries,
  storingOf,
  succeeds,
  tokenEntry,
} from './secret.ts';
import { flag, word } from './secret-values.ts';
import { setting } from './setting.ts';
import { tokenKey } from './token-key.ts';
import { defaultHostingSettings, defaultRequestsPerMinute, type HostingSettings } from './settings.ts';

/** All that the secret of a scheduled backup of a Git host sets. */
export interface HostSecret {
  /** Undefined: only public repositories, of a named owner. */
  token: string | undefined;
  address: HostAddress;
  settings: HostingSettings;
  vault: VaultPlace;
  requestsPerMinute: number | undefined;
  /** Refs that are left out, as in `RefSelection`. */
  refsExclude: readonly string[];
  format: RepositoryData['format'] | undefined;
  /** Also notify of runs that went well. */
  notifySuccess: boolean;
  objectives: Objectives;
}

/** More than any host serves; only so that a slip is noticed. */
const mostRequests = 10_000;

/** The keys of the secret of a Git host. */
export function hostEntries(definition: HostDefinition) {
  const { defaultUrl, owner } = definition;
  const isAddress = (url: string): boolean => succeeds(() => definition.address(url));
  const url = v.pipe(word, v.check(isAddress, 'must be the https address of its web pages'));
  return {
    ...sharedEntries,
    [tokenKey(definition)]: setting(
      tokenEntry,
      'the token; without one only public repositories, and then `BACKUP_OWNER` is needed',
      'none',
    ),
    BACKUP_URL: setting(
      defaultUrl === undefined ? url : v.optional(url),
      'the address of the web pages, such as `https://git.example.com`',
      defaultUrl === undefined ? 'needed' : `\`${defaultUrl}\``,
    ),
    BACKUP_OWNER: setting(
      v.optional(v.pipe(word, v.regex(/^\S+$/, `must be the name of a ${owner}`))),
      `the ${owner} whose repositories are meant`,
      'everything that belongs to the token',
    ),
    BACKUP_WIKIS: setting(v.optional(flag), 'wikis as well', `${defaultHostingSettings.wikis}`),
    BACKUP_LFS: setting(
      v.optional(flag),
      '[objects of Git LFS](github.md#git-lfs) as well',
      `${defaultHostingSettings.lfs}`,
    ),
    BACKUP_REQUESTS_PER_MINUTE: setting(
      requestsEntry(mostRequests),
      "requests to the host's API in a minute; Git itself is not counted",
      `${defaultRequestsPerMinute}`,
    ),
  };
}

/**
 * Parses the secret of a Git host. One error names all problems, by secret and key and never by value.
 * @param name of the secret
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function parseHostSecret(definition: HostDefinition, text: string, name: string): HostSecret {
  const what = `the secret ${name}`;
  const key = tokenKey(definition);
  const pairs = secretPairs(text, what, (at, value) => {
    if (at === key && typeof value === 'string') keepSecret(value.trim());
  });
  const entries = hostEntries(definition);
  const schema = v.pipe(
    onlyEntries(entries),
    v.check(
      (values) => values[key] !== undefined || values.BACKUP_OWNER !== undefined,
      `${key} is missing, and without it BACKUP_OWNER must say whose public repositories are meant`,
    ),
  );
  const values = parse(schema, pairs, what);
  const token = values[key];
  return {
    token: typeof token === 'string' ? token : undefined,
    address: definition.address(values.BACKUP_URL),
    settings: {
      owner: values.BACKUP_OWNER,
      ...selectionOf(values),
      wikis: values.BACKUP_WIKIS ?? defaultHostingSettings.wikis,
      lfs: values.BACKUP_LFS ?? defaultHostingSettings.lfs,
    },
    ...storingOf(values),
    requestsPerMinute: values.BACKUP_REQUESTS_PER_MINUTE,
  };
}
