import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { withSuggestion } from '#core/runtime/nearest.ts';
import { keepSecret } from '#core/runtime/redact.ts';
import { parse, parseJson } from '#core/runtime/schema.ts';
import type { RepositoryData } from '#core/vault/manifest.ts';
import { parseS3Location } from '#core/vault/storage/open-vault.ts';
import { isPattern } from '../name-pattern.ts';
import { gitHubAddresses } from './addresses.ts';
import { appKeys, appVariables, type AppKeys } from './app/app-keys.ts';
import { keepKey } from './app/private-key.ts';
import { parseDatasets } from './datasets/selection.ts';
import { flag, patterns, wholeNumber, word } from '../hosting/secret-values.ts';
import { defaultGitHubSettings, type GitHubSettings } from './settings.ts';
import { isToken } from '../hosting/token.ts';

export const defaultSecretName = 'prod/github-backup';

/** All that the secret of a scheduled backup sets. */
export interface GitHubSecret {
  /** Undefined: only public repositories, of a named owner. */
  token: string | undefined;
  /** The GitHub App in place of a token. */
  app: AppKeys | undefined;
  settings: GitHubSettings;
  vault: { bucket: string; prefix: string };
  apiUrl: string | undefined;
  requestsPerMinute: number | undefined;
  /** Refs that are left out, as in `RefSelection`. */
  refsExclude: readonly string[];
  format: RepositoryData['format'] | undefined;
  /** Also notify of runs that went well. */
  notifySuccess: boolean;
}

const repositoryPatterns = patterns(isPattern, 'must be patterns over owner/name, none of them negated');

const appId = v.pipe(v.union([v.string(), v.number()]), v.transform(String), word);

const entries = {
  TOKEN_GITHUB: v.optional(v.pipe(word, v.check(isToken, 'must be a single token'))),
  // Numbers, which JSON may have as such.
  GITHUB_APP_ID: v.optional(appId),
  GITHUB_APP_INSTALLATION_ID: v.optional(appId),
  GITHUB_APP_PRIVATE_KEY: v.optional(word),
  BACKUP_S3_BUCKET: v.pipe(
    word,
    v.check((bucket) => succeeds(() => parseS3Location(`s3://${bucket}`)), 'must be the name of a bucket'),
  ),
  BACKUP_S3_PREFIX: v.optional(
    v.pipe(
      v.string(),
      v.trim(),
      v.check((prefix) => succeeds(() => parseS3Location(`s3://bucket/${prefix}`)), 'is too long'),
      v.transform((prefix) => parseS3Location(`s3://bucket/${prefix}`).prefix),
    ),
    '',
  ),
  BACKUP_OWNER: v.optional(v.pipe(word, v.regex(/^[^/\s]+$/, 'must be the login of a user or an organisation'))),
  BACKUP_ONLY_OWNER_REPOS: v.optional(flag),
  BACKUP_INCLUDE: v.optional(repositoryPatterns),
  BACKUP_EXCLUDE: v.optional(repositoryPatterns),
  BACKUP_FORKS: v.optional(flag),
  BACKUP_ARCHIVED: v.optional(flag),
  BACKUP_VISIBILITY: v.optional(v.pipe(word, v.toLowerCase(), v.picklist(['all', 'public', 'private']))),
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
  BACKUP_REQUESTS_PER_MINUTE: v.optional(wholeNumber(1, 900)),
  BACKUP_REFS_EXCLUDE: v.optional(
    patterns((text) => text.startsWith('refs/'), 'must be patterns that begin with refs/'),
  ),
  BACKUP_FORMAT: v.optional(v.pipe(word, v.toLowerCase(), v.picklist(['bundle', 'tar.gz', 'zip']))),
  BACKUP_NOTIFY_SUCCESS: v.optional(flag),
};

const schema = v.pipe(
  // A misspelt key would otherwise leave a setting at its default without a word.
  v.looseObject(entries),
  v.rawCheck(({ dataset, addIssue }) => {
    const input: Record<string, unknown> = Object.fromEntries(Object.entries(dataset.value ?? {}));
    for (const [key, value] of Object.entries(input)) {
      if (Object.hasOwn(entries, key)) continue;
      addIssue({
        message: withSuggestion('is not a setting', key, Object.keys(entries)),
        path: [{ type: 'object', origin: 'key', input, key, value }],
      });
    }
  }),
  v.forward(
    v.partialCheck(
      [['TOKEN_GITHUB'], ['GITHUB_APP_ID'], ['BACKUP_OWNER']],
      (values) => Object.values(values).some((value) => value !== undefined),
      'missing, and without it BACKUP_OWNER must say whose public repositories are meant',
    ),
    ['TOKEN_GITHUB'],
  ),
);

const jsonObject = v.pipe(
  v.unknown(),
  v.check((input) => typeof input === 'object' && input !== null && !Array.isArray(input), 'must be a JSON object'),
  v.transform((input) => Object.entries(input ?? {})),
);

/**
 * Parses the secret. One error names all problems, by secret and key and never by value.
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function parseGitHubSecret(text: string, name: string): GitHubSecret {
  const what = `the secret ${name}`;
  // This takes off a byte order mark too.
  const bare = text.trim();
  if (bare === '') throw new HoldfastError('ConfigurationInvalid', `${what} is empty`);
  const pairs: [string, unknown][] = parseJson(jsonObject, bare, what);
  for (const [key, value] of pairs) {
    if (key === 'TOKEN_GITHUB' && typeof value === 'string') keepSecret(value.trim());
    if (key === appVariables.privateKey && typeof value === 'string') keepKey(value.trim());
  }
  const named = pairs.map(([key, value], index): [string, unknown] => [printableKey(key, index), value]);
  const values = parse(schema, Object.fromEntries(named), what);
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
      include: values.BACKUP_INCLUDE ?? defaultGitHubSettings.include,
      exclude: values.BACKUP_EXCLUDE ?? defaultGitHubSettings.exclude,
      forks: values.BACKUP_FORKS ?? defaultGitHubSettings.forks,
      archived: values.BACKUP_ARCHIVED ?? defaultGitHubSettings.archived,
      visibility: values.BACKUP_VISIBILITY ?? defaultGitHubSettings.visibility,
      datasets: values.BACKUP_DATASETS ?? defaultGitHubSettings.datasets,
    },
    vault: { bucket: values.BACKUP_S3_BUCKET, prefix: values.BACKUP_S3_PREFIX },
    apiUrl: values.BACKUP_API_URL,
    requestsPerMinute: values.BACKUP_REQUESTS_PER_MINUTE,
    refsExclude: values.BACKUP_REFS_EXCLUDE ?? [],
    format: values.BACKUP_FORMAT,
    notifySuccess: values.BACKUP_NOTIFY_SUCCESS ?? false,
  };
}

/** Who swaps a key with its value has a token for a key, so only what reads like a setting is printed. */
function printableKey(key: string, index: number): string {
  return /^(?:[A-Z_]|S3){1,40}$|^(?:[a-z_]|s3){1,40}$/.test(key) ? key : `key ${index + 1}`;
}

function succeeds(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
