import * as v from 'valibot';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { readDigested, writeDigested, writeDigestedLines } from './digested-json.ts';
import { isSource, itemPrefix, snapshotPrefix } from './layout.ts';
import { isSnapshotId } from './snapshot-id.ts';
import { recordsStateSchema } from './records-state.ts';
import { lfsStateSchema } from './lfs-state.ts';

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'));
const oid = v.pipe(v.string(), v.regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'must be an object id'));
const count = v.pipe(v.number(), v.safeInteger('must be a whole number'), v.minValue(0, 'must not be negative'));
const time = v.pipe(v.string(), v.isoTimestamp('must be a time in ISO 8601'));
const snapshotId = v.pipe(v.string(), v.check(isSnapshotId, 'must be a snapshot id'));

/** Nothing that could break out of a line of a ref file; code that writes refs checks them by Git's own rules too. */
// eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
const refName = v.pipe(v.string(), v.regex(/^refs\/[^\u0000-\u0020\u007f]+$/, 'must be the name of a ref'));

const headSchema = v.variant('type', [
  v.strictObject({ type: v.literal('branch'), ref: v.string(), oid }),
  v.strictObject({ type: v.literal('detached'), oid }),
  v.strictObject({ type: v.literal('unborn'), ref: v.string() }),
  v.strictObject({ type: v.literal('absent') }),
]);

/** No name that could not be a key; JSON can say lone surrogates by escapes. */
const wellFormed = v.pipe(
  v.string(),
  v.check((text) => text.isWellFormed(), 'must be valid Unicode'),
);

export const itemSchema = v.strictObject({
  source: v.pipe(
    v.string(),
    v.check((text) => isSource(text), 'must be the name of a source'),
  ),
  /** Survives renames. */
  id: v.string(),
  path: v.pipe(v.array(wellFormed), v.minLength(1, 'must not be empty')),
  /** What people call it. */
  name: v.string(),
});

/** What a source says of an item, in its own words: JSON of any form. */
const metadataSchema = v.record(v.string(), v.unknown());

/** Another snapshot, and the digest that it had when this one came to depend on it. */
const referenceSchema = v.strictObject({
  /** The prefix of its item: it may stand under an older name. */
  item: v.string(),
  snapshot: snapshotId,
  digest,
});

const stored = {
  /** The whole key below the vault's prefix. */
  key: v.string(),
  bytes: count,
  sha256: digest,
};

const repositoryDataSchema = v.strictObject({
  ...stored,
  /** What it is: a Git bundle, or a bare mirror in an archive. */
  format: v.picklist(['bundle', 'tar.gz', 'zip']),
  /** False where no delta in it names its base by its place: some servers take no others. */
  offsetDeltas: v.optional(v.boolean()),
});

/** A file of a package, byte by byte as its registry has it; or an object of Git LFS, whose name is its SHA-256. */
const assetSchema = v.strictObject({
  ...stored,
  format: v.literal('asset'),
  /** What the registry calls it. */
  name: wellFormed,
});

/** Records of an API, one a line, compressed by gzip. */
const recordsDataSchema = v.strictObject({
  ...stored,
  format: v.literal('records'),
  /** How many lines there are. */
  lines: count,
});

/** A file that belongs to records, byte by byte as its source has it. */
const fileSchema = v.strictObject({
  ...stored,
  format: v.literal('file'),
  /** The source's own name for this content, which never becomes another's. */
  id: wellFormed,
  /** What the source calls it. */
  name: wellFormed,
});

const dataSchema = v.variant('format', [repositoryDataSchema, assetSchema, recordsDataSchema, fileSchema]);

const packSchema = v.strictObject({ objects: count, hash: oid, bytes: count });

const gitSchema = v.strictObject({
  objectFormat: v.picklist(['sha1', 'sha256']),
  head: headSchema,
  /** SHA-256 over the refs and HEAD, so that two snapshots can be compared without reading the refs. */
  refsDigest: digest,
  /** Absent where nothing changed: then the parent's count; and where `refsSince` says them. */
  refs: v.optional(v.record(refName, oid)),
  /** The refs as those of an earlier snapshot, whose manifest has all, with `set` and without `gone`. */
  refsSince: v.optional(
    v.strictObject({
      base: referenceSchema,
      set: v.record(refName, oid),
      gone: v.array(refName),
      /** How many refs the snapshot has. */
      total: count,
    }),
  ),
  pack: v.optional(packSchema),
  prerequisites: v.optional(v.array(oid)),
  /** What became of the parent's refs. */
  changes: v.optional(
    v.strictObject({
      created: count,
      moved: count,
      deleted: v.array(v.string()),
      /** Branches whose old commit is no longer part of their history: somebody pushed by force. */
      rewritten: v.array(v.string()),
      /** Branches of which the server did not tell. */
      unclear: v.optional(count),
    }),
  ),
});

export const manifestSchema = v.strictObject({
  /** 2 where it leaves to another manifest what that one says already, so that programs of before do not misread it. */
  format: v.picklist([1, 2], 'must be 1 or 2; a newer Holdfast may read it'),
  item: itemSchema,
  snapshot: snapshotId,
  kind: v.picklist(['full', 'incremental', 'unchanged', 'empty']),
  /** What the data of this one builds on, or what it is equal to. */
  parent: v.optional(referenceSchema),
  /** The data of earlier snapshots that must be applied before this one's own, in order; empty for a full one. */
  chain: v.array(dataSchema),
  git: v.optional(gitSchema),
  /** Of records: how many of which type, and up to when they were read. */
  records: v.optional(recordsStateSchema),
  /** Of objects of Git LFS: absent where nothing changed. */
  lfs: v.optional(lfsStateSchema),
  /** What of the item could not be kept and ought to be, for people; absent where the snapshot is complete. */
  incomplete: v.optional(v.string()),
  /** What the item was beside its content: description, tags, settings. */
  metadata: v.optional(metadataSchema),
  /** For the next backup of the item. */
  hints: v.optional(v.strictObject({ large: v.literal(true) })),
  data: v.array(dataSchema),
  omitted: v.optional(v.array(v.strictObject({ what: v.string(), why: v.string() })), []),
  warnings: v.optional(v.array(v.string()), []),
  /** Absent, as are the times, where the manifest is short. */
  tool: v.optional(v.strictObject({ name: v.string(), version: v.string() })),
  started: v.optional(time),
  finished: v.optional(time),
});

/** Makes a snapshot exist, and says all there is to know about it: docs/vault-format.md. */
export type Manifest = v.InferOutput<typeof manifestSchema>;
export type ManifestItem = Manifest['item'];
export type ItemMetadata = v.InferOutput<typeof metadataSchema>;
export type DataObject = Manifest['data'][number];
export type RepositoryData = v.InferOutput<typeof repositoryDataSchema>;
export type Asset = v.InferOutput<typeof assetSchema>;
export type RecordsData = v.InferOutput<typeof recordsDataSchema>;
export type RecordFile = v.InferOutput<typeof fileSchema>;
export type GitState = NonNullable<Manifest['git']>;
export type SnapshotReference = v.InferOutput<typeof referenceSchema>;

export function isRepositoryData(data: DataObject): data is RepositoryData {
  return data.format === 'bundle' || data.format === 'tar.gz' || data.format === 'zip';
}

export interface CheckedManifest {
  manifest: Manifest;
  /** The digest in the manifest, to which others may refer. */
  digest: string;
}

/** Whether it leaves to its parent all that the parent says already. */
export function isShort({ format, kind }: Pick<Manifest, 'format' | 'kind'>): boolean {
  return format === 2 && kind === 'unchanged';
}

/** The exact text of a manifest, its digest last. */
export function writeManifest(manifest: Manifest): { text: string; digest: string } {
  if (!isShort(manifest)) return writeDigested(manifest);
  const { omitted, warnings, ...said } = manifest;
  const left = omitted.length > 0 ? { omitted } : {};
  return writeDigestedLines({ ...said, ...left, ...(warnings.length > 0 ? { warnings } : {}) });
}

/**
 * Reads a manifest and binds it to its place: the digest over its bytes, the schema, and that it speaks of the item
 * and snapshot under whose key it stands.
 * @throws {HoldfastError} Damaged
 */
export function readManifest(bytes: Buffer, key: string): CheckedManifest {
  const { json, digest } = readDigested(bytes, (why) => damaged(key, why));
  const manifest = parseJson(manifestSchema, json, `the manifest ${key}`, 'Damaged');
  const item = itemPrefix(manifest.item.source, manifest.item.path);
  const prefix = snapshotPrefix(item, manifest.snapshot);
  if (key !== `${prefix}manifest.json`) throw damaged(key, 'it describes another item or snapshot');
  if (manifest.data.some((data) => !data.key.startsWith(prefix)))
    throw damaged(key, 'it claims data of another snapshot');
  return { manifest, digest };
}

/** The prefixes of the snapshots without which this one cannot be restored. What these need themselves is not among them. */
export function neededBy({ parent, chain, git }: Manifest): string[] {
  const owners = chain.map(({ key }) => key.slice(0, key.lastIndexOf('/') + 1));
  const named = [parent, git?.refsSince?.base].filter((one) => one !== undefined);
  return [...new Set([...named.map(({ item, snapshot }) => snapshotPrefix(item, snapshot)), ...owners])];
}

function damaged(key: string, why: string): HoldfastError {
  return new HoldfastError('Damaged', `the manifest ${key} is damaged: ${why}`, {
    advice:
      'If the bucket is versioned, an older version of the object may be intact; other snapshots do not depend on it unless they say so.',
  });
}
