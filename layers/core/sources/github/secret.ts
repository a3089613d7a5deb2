import * as v from 'valibot';
import { parseByteSize } from '#core/runtime/byte-size.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { parse } from '#core/runtime/schema.ts';
import type { RepositoryData } from '#core/vault/manifest.ts';
import { gitHubAddresses } from './addresses.ts';
import { appKeys, appVariables, type AppKeys } from './app/app-keys.ts';
import { keepKey } from './app/private-key.ts';
import { parseDatasets } from './datasets/selection.ts';
import {
  onlyEntries,
  requestsEntry,
  secretPairs,
  selectionOf,
  sharedEntries,
  storingOf,
  succeeds,
  tokenEntry,
} from '../hosting/secret.ts';
import type { Objectives } from '../objectives.ts';
import type { VaultPlace } from '../hosting/secret-place.ts';
import { flag, word } from '../hosting/secret-values.ts';
import { defaultGitHubSettings, type GitHubSettings } from './settings.ts';

export const defaultSecretName = 'prod/github-backup';

/** All that the secret of a scheduled backup sets. */
export interface GitHubSecret {
  /** Undefined: only public repositories, of a named owner. */
  token: string | undefined;
  /** The GitHub App in place of a token. */
  app: AppKeys | undefined;
  settings: GitHubSettings;
  vault: VaultPlace;
  apiUrl: string | undefined;
  requestsPerMinute: number | undefined;
  /** Refs that are left out, as in `RefSelection`. */
  refsExclude: readonly string[];
  format: RepositoryData['format'] | undefined;
  /** The most that is stored of the objects of Git LFS of one repository, in bytes. */
  lfsLimit: number | undefined;
  /** Also notify of runs that went well. */
  notifySuccess: boolean;
  objectives: Objectives;
}

const appId = v.pipe(v.union([v.string(), v.number()]), v.transform(String), word);

const entries = {
  ...sharedEntries,
  TOKEN_GITHUB: tokenEntry,
  // Numbers, which JSON may have as such.
  GITHUB_APP_ID: v.optional(appId),
  GITHUB_APP_INSTALLATION_ID: v.optional(appId),
  GITHUB_APP_PRIVATE_KEY: v.optional(word),
  BACKUP_OWNER: v.optional(v.pipe(word, v.regex(/^[^/\s]+$/, 'must be the login of a user or an organisation'))),
  BACKUP_ONLY_OWNER_REPOS: v.optional(flag),
  BACKUP_DATASETS: v.optional(
    v.pipe(
      v.union([v.string(), v.array(v.string())]),
      v.transform((words) => (Array.isArray(words) ? words : [words])),
      v.check((words) => succeeds(() => parseDatasets(words, 'BACKUP_DATASETS')), 'must be names of datasets'),
      v.transform((words) => parseDatasets(words, 'BACKUP_DATASETS')),
    ),
  ),
  BACKUP_API_URL: v.optional(
    v.pipe(
      word,
      v.check((url) => succeeds(() => gitHubAddresses(url)), "must be the https address of GitHub's API"),
    ),
  ),
  // GitHub serves 900 points a minute, and a reading request costs one:
  // https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
  BACKUP_REQUESTS_PER_MINUTE: requestsEntry(900),
  BACKUP_LFS_LIMIT: v.optional(
    v.pipe(
      v.union([v.string(), v.number()]),
      v.transform((size) => parseByteSize(String(size)) ?? -1),
      v.minValue(0, 'must be a size, as 5GB or 500MB'),
    ),
  ),
};

const schema = v.pipe(
  onlyEntries(entries),
  v.forward(
    v.partialCheck(
      [['TOKEN_GITHUB'], ['GITHUB_APP_ID'], ['BACKUP_OWNER']],
      ({ TOKEN_GITHUB, GITHUB_APP_ID, BACKUP_OWNER }) =>
        [TOKEN_GITHUB, GITHUB_APP_ID, BACKUP_OWNER].some((value) => value !== undefined),
      'missing, and without it BACKUP_OWNER must say whose public repositories are meant',
    ),
    ['TOKEN_GITHUB'],
  ),
);

/**
 * Parses the secret. One error names all problems, by secret and key and never by value.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function parseGitHubSecret(text: string, name: string): GitHubSecret {
  const what = `the secret ${name}`;
  const pairs = secretPairs(text, what, (key, value) => {
    if (key === 'TOKEN_GITHUB' && typeof value === 'string') keepSecret(value.trim());
    if (key === appVariables.privateKey && typeof value === 'string') keepKey(value.trim());
  });
  const values = parse(schema, pairs, what);
  const appValues: Record<string, string | undefined> = {
    [appVariables.id]: values.GITHUB_APP_ID,
    [appVariables.installation]: values.GITHUB_APP_INSTALLATION_ID,
    [appVariables.privateKey]: values.GITHUB_APP_PRIVATE_KEY,
  };
  return {
    token: values.TOKEN_GITHUB,
    app: appKeys((key) => appValues[key], what),
    settings: {
      owner: values.BACKUP_OWNER,
      onlyOwned: values.BACKUP_ONLY_OWNER_REPOS,
      ...selectionOf(values),
      datasets: values.BACKUP_DATASETS ?? defaultGitHubSettings.datasets,
    },
    ...storingOf(values),
    apiUrl: values.BACKUP_API_URL,
    requestsPerMinute: values.BACKUP_REQUESTS_PER_MINUTE,
    lfsLimit: values.BACKUP_LFS_LIMIT,
  };
}
