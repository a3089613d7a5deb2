import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { withSuggestion } from '#core/runtime/nearest.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { parseS3Location } from '#core/vault/storage/open-vault.ts';
import { isPattern } from '../name-pattern.ts';
import { flag, patterns, wholeNumber, word } from './secret-values.ts';
import { duration } from '../objectives.ts';
import { setting } from './setting.ts';
import { defaultHostingSettings } from './settings.ts';
import { isToken } from './token.ts';

/** A key of a secret that holds a token. */
export const tokenEntry = v.optional(v.pipe(word, v.check(isToken, 'must be a single token')));

const repositoryPatterns = patterns(isPattern, 'must be patterns over owner/name, none of them negated');

/** What the secret of every Git host sets in the same way: where backups go, and what is taken how. */
export const sharedEntries = {
  BACKUP_S3_BUCKET: setting(
    v.pipe(
      word,
      v.check((bucket) => succeeds(() => parseS3Location(`s3://${bucket}`)), 'must be the name of a bucket'),
    ),
    'the bucket of the vault; it must be the one that is deployed',
    'needed',
  ),
  BACKUP_S3_PREFIX: setting(
    v.optional(
      v.pipe(
        v.string(),
        v.trim(),
        v.check((prefix) => succeeds(() => parseS3Location(`s3://bucket/${prefix}`)), 'is too long'),
        v.transform((prefix) => parseS3Location(`s3://bucket/${prefix}`).prefix),
      ),
      '',
    ),
    "where in the bucket the vault begins; if it is set, it must be the deployment's",
    'the `prefix` of the deployment',
  ),
  BACKUP_INCLUDE: setting(
    v.optional(repositoryPatterns),
    'globs of what is taken: over `owner/name`, or over the name alone where they have no slash',
    'all',
  ),
  BACKUP_EXCLUDE: setting(
    v.optional(repositoryPatterns),
    'globs of what is left out, even where `BACKUP_INCLUDE` takes it',
    'none',
  ),
  BACKUP_FORKS: setting(v.optional(flag), 'forks as well', `${defaultHostingSettings.forks}`),
  BACKUP_ARCHIVED: setting(v.optional(flag), 'archived repositories as well', `${defaultHostingSettings.archived}`),
  BACKUP_VISIBILITY: setting(
    v.optional(v.pipe(word, v.toLowerCase(), v.picklist(['all', 'public', 'private']))),
    '`all`, `public` or `private`',
    `\`${defaultHostingSettings.visibility}\``,
  ),
  BACKUP_REFS_EXCLUDE: setting(
    v.optional(patterns((text) => text.startsWith('refs/'), 'must be patterns that begin with refs/')),
    'refs that are left out, such as `refs/pull/*`',
    'none',
  ),
  BACKUP_FORMAT: setting(
    v.optional(v.pipe(word, v.toLowerCase(), v.picklist(['bundle', 'tar.gz', 'zip']))),
    '`bundle`, `tar.gz` or `zip`; the latter two for small repositories',
    '`bundle`',
  ),
  BACKUP_RPO: setting(
    v.optional(duration),
    'how old the newest snapshot of an item may be when a run ends, such as `26h` or `2d`: [objectives](watch.md#objectives)',
    'none',
  ),
  BACKUP_RTO: setting(
    v.optional(duration),
    'how long a restore of all items may take, by what the last drill took, such as `4h`',
    'none',
  ),
  BACKUP_NOTIFY_SUCCESS: setting(v.optional(flag), 'send a notification of successful runs, too', 'false'),
};

type SharedValues = v.InferOutput<ReturnType<typeof v.object<typeof sharedEntries>>>;

/** What the shared keys say of which repositories are taken; without a key its default. */
export function selectionOf(values: SharedValues) {
  return {
    include: values.BACKUP_INCLUDE ?? defaultHostingSettings.include,
    exclude: values.BACKUP_EXCLUDE ?? defaultHostingSettings.exclude,
    forks: values.BACKUP_FORKS ?? defaultHostingSettings.forks,
    archived: values.BACKUP_ARCHIVED ?? defaultHostingSettings.archived,
    visibility: values.BACKUP_VISIBILITY ?? defaultHostingSettings.visibility,
  };
}

/** What the shared keys say of where backups go, and how they are made. */
export function storingOf(values: SharedValues) {
  return {
    vault: { bucket: values.BACKUP_S3_BUCKET, prefix: values.BACKUP_S3_PREFIX },
    refsExclude: values.BACKUP_REFS_EXCLUDE ?? [],
    format: values.BACKUP_FORMAT,
    notifySuccess: values.BACKUP_NOTIFY_SUCCESS ?? false,
    objectives: { rpo: values.BACKUP_RPO, rto: values.BACKUP_RTO },
  };
}

export function requestsEntry(most: number) {
  return v.optional(wholeNumber(1, most));
}

/** Refuses misspelt keys, which would otherwise leave a setting at its default without a word. */
export function onlyEntries<Entries extends v.ObjectEntries>(entries: Entries) {
  return v.pipe(
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
  );
}

const jsonObject = v.pipe(
  v.unknown(),
  v.check((input) => typeof input === 'object' && input !== null && !Array.isArray(input), 'must be a JSON object'),
  v.transform((input) => Object.entries(input ?? {})),
);

/**
 * The keys and values of a secret. No key is longer or stranger than one of ours, so that a token in the place of a key
 * is printed nowhere.
 * @param what the secret, for messages
 * @param keep is given each pair before anything is said of it, to have secrets masked
 * @throws {HoldfastError} ConfigurationInvalid
 */
export function secretPairs(
  text: string,
  what: string,
  keep: (key: string, value: unknown) => void,
): Record<string, unknown> {
  // This takes off a byte order mark too.
  const bare = text.trim();
  if (bare === '') throw new HoldfastError('ConfigurationInvalid', `${what} is empty`);
  const pairs: [string, unknown][] = parseJson(jsonObject, bare, what);
  for (const [key, value] of pairs) keep(key, value);
  return Object.fromEntries(pairs.map(([key, value], index) => [printableKey(key, index), value]));
}

/** Who swaps a key with its value has a token for a key, so only what reads like a setting is printed. */
function printableKey(key: string, index: number): string {
  return /^(?:[A-Z_]|S3){1,40}$|^(?:[a-z_]|s3){1,40}$/.test(key) ? key : `key ${index + 1}`;
}

export function succeeds(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
