import { HoldfastError, hasCode, messageOf, throwIfInterrupted } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import { version } from '#core/runtime/version.ts';
import type { Dataset, SourceFile } from '#core/sources/records.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { commitSnapshot } from '#core/vault/commit-snapshot.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import { timeOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import {
  type CheckedManifest,
  type Manifest,
  type ManifestItem,
  type RecordFile,
  type RecordsData,
} from '#core/vault/manifest.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import { placeFor } from '#core/vault/place.ts';
import { contentOf, findPrevious, isSound, type Previous, type Proof } from '#core/vault/previous.ts';
import { referenceTo } from '#core/vault/reference.ts';
import { shortened } from '#core/vault/short-manifest.ts';
import type { RecordsState } from '#core/vault/records-state.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { takeUntilWhole } from '#core/vault/take-until-whole.ts';
import { proveRecordData } from '../prove-records.ts';
import { filesOf, readRecords, recordsDataOf } from '../read-records.ts';
import type { RecordLine } from '../record-line.ts';
import { writeRecords } from '../write-records.ts';
import { Collection } from './collection.ts';
import { compareRecords, type Compared } from './compare.ts';
import { reconcileEveryMs, type RecordOptions } from './options.ts';
import { storeFile } from './store-file.ts';

export interface RecordsRequest {
  item: ManifestItem;
  dataset: Dataset;
  vault: Vault;
  /** The same for every attempt at this item in this run. */
  snapshot: SnapshotId;
  options: RecordOptions;
  /** Whether the inventory of a run under way says that this item may be backed up now; else a pin has to. */
  announced?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Bytes of data stored so far; falls back to 0 when a new attempt begins. */
  onProgress?: ((bytes: number) => void) | undefined;
  onRetry?: ((error: HoldfastError) => void) | undefined;
}

/** So many records that came before a failure are worth a snapshot of their own, from which the next run goes on. */
const worthKeeping = 200;

/**
 * Takes one snapshot of a dataset: what has changed since the one before. Where the source fails after it gave much, that
 * much is stored, called incomplete, and the failure is thrown all the same.
 */
export async function backUpRecords(request: RecordsRequest): Promise<Stored | Unchanged> {
  const { vault, options } = request;
  const catalogue = new Catalogue(vault);
  return takeUntilWhole(request, (full) =>
    withScratchFolder('records', (folder) =>
      takeSnapshot({ ...request, options: { ...options, full } }, catalogue, folder),
    ),
  );
}

/** @returns nothing if the backup has to start again, since the vault has changed meanwhile */
async function takeSnapshot(
  request: RecordsRequest,
  catalogue: Catalogue,
  folder: string,
): Promise<CheckedManifest | undefined> {
  const started = new Date();
  const { item, vault, options, dataset } = request;
  const prove: Proof = async ({ manifest }) => {
    for (const data of manifest.data) await proveRecordData(vault, data);
  };
  const previous = await findPrevious(catalogue, item, prove);
  const base = await baseOf(catalogue, previous);
  const { snapshot, found } = await placeFor(catalogue, item, request.snapshot, previous);
  const files = new Files(request, snapshot, base);
  const before = base?.state;
  const collection = new Collection({
    folder,
    before,
    reconcile: before !== undefined && (options.full || isDue(before.reconciled, snapshot)),
    keep: (file) => files.keep(file),
    dataset,
  });
  const failed = await read(dataset, collection, request.signal);
  if (!failed && collection.refused !== undefined)
    throw new HoldfastError('AccessDenied', `nothing of ${item.name} can be read: ${collection.refused}`, {
      advice: 'Give the credential that right, or leave the dataset out.',
    });
  const parts = await partsOf({ request, snapshot, base, collection, files, failed: failed !== undefined });
  if (failed && (parts.kind === 'unchanged' || parts.kind === 'empty')) throw failed.error;
  // An attempt before this one, of the same run, found the same.
  if (parts.kind === 'unchanged' && found && found.digest === previous.latest?.digest) return found;
  const manifest: Manifest = {
    format: 1,
    item,
    snapshot,
    ...parts,
    omitted: [...collection.omitted, ...files.omitted],
    warnings: [...previous.warnings, ...(failed ? [`incomplete: ${mask(messageOf(failed.error))}`] : [])],
    tool: { name: 'holdfast', version },
    started: started.toISOString(),
    finished: new Date().toISOString(),
  };
  const { indexed } = previous;
  const context = { vault, catalogue, indexed, announced: request.announced, retry: options.retry };
  const stored = parts.kind === 'unchanged' && base ? shortened(manifest, base.content.manifest) : manifest;
  const committed = await commitSnapshot(context, stored);
  if (failed && committed) throw goesOn(failed.error, manifest);
  return committed;
}

/** What a snapshot can build on. */
interface Base {
  /** The manifest that names the data. */
  content: CheckedManifest;
  /** As the newest snapshot says, which may be equal to the content. */
  state: RecordsState | undefined;
}

async function baseOf(catalogue: Catalogue, previous: Previous): Promise<Base | undefined> {
  const content = await contentOf(catalogue, previous);
  if (!content || !isSound(content, previous.entries)) return undefined;
  return { content, state: previous.latest?.manifest.records };
}

function isDue(reconciled: SnapshotId | undefined, snapshot: SnapshotId): boolean {
  return reconciled !== undefined && timeOf(snapshot).getTime() - timeOf(reconciled).getTime() >= reconcileEveryMs;
}

/** @returns the failure after which what came is worth keeping */
async function read(
  dataset: Dataset,
  collection: Collection,
  signal: AbortSignal | undefined,
): Promise<{ error: HoldfastError } | undefined> {
  try {
    await dataset.read(collection);
    throwIfInterrupted(signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof HoldfastError) || collection.changes < worthKeeping || hasCode(error, 'StorageFailed'))
      throw error;
    return { error };
  }
}

function goesOn(error: HoldfastError, { snapshot }: Manifest): HoldfastError {
  return new HoldfastError(error.code, `${error.message}; what came before is kept in ${snapshot}`, {
    cause: error,
    advice: `The next run goes on from there. ${error.advice ?? ''}`.trim(),
    transient: error.transient,
    retryAfterMs: error.retryAfterMs,
  });
}

type Parts = Pick<Manifest, 'kind' | 'parent' | 'chain' | 'data' | 'records'>;

interface PartsRequest {
  request: RecordsRequest;
  snapshot: SnapshotId;
  base: Base | undefined;
  collection: Collection;
  files: Files;
  failed: boolean;
}

async function partsOf({ request, snapshot, base, collection, files, failed }: PartsRequest): Promise<Parts> {
  const { dataset, vault } = request;
  const before = base?.state;
  // After a first run that failed, the runs that went on from it have read the rest.
  const isFirst = before?.reconciled === undefined;
  const reconciled = !failed && (isFirst || collection.reconcile) ? snapshot : before?.reconciled;
  const unchanged = (content: CheckedManifest, records: RecordsState): Parts => ({
    kind: 'unchanged',
    parent: referenceTo(content),
    chain: [...content.manifest.chain, ...content.manifest.data],
    data: [],
    records,
  });
  const none = new Set<string>();
  const full = !base || isFullDue(base.content.manifest, request.options);
  if (base && files.added.length === 0 && !request.options.full && collection.isSame)
    return unchanged(base.content, collection.state(undefined, none, reconciled));
  const compared = compareRecords({
    stored: readRecords(vault, base?.content.manifest ?? { chain: [], data: [] }),
    collection,
    dataset,
    snapshot,
    all: full,
  });
  const data = await write(request, snapshot, compared);
  const records = collection.state(compared.counts, compared.lost, reconciled);
  if (base && compared.changed === 0 && files.added.length === 0 && !request.options.full) {
    if (data) await vault.remove(data.key).catch(() => undefined);
    return unchanged(base.content, records);
  }
  const isWhole = !failed && collection.omitted.length === 0;
  const own = [...(data ? [data] : []), ...files.added];
  if (full)
    return {
      kind: own.length === 0 ? 'empty' : 'full',
      chain: files.used(isWhole && dataset.filesStay !== true),
      data: own,
      records,
    };
  const { chain, data: earlier } = base.content.manifest;
  return { kind: 'incremental', parent: referenceTo(base.content), chain: [...chain, ...earlier], data: own, records };
}

/** The same rules as for repositories; nothing is read from the source again for it. */
function isFullDue({ chain, data, kind }: Manifest, options: RecordOptions): boolean {
  if (options.full || kind === 'empty') return true;
  const [base, ...increments] = recordsDataOf({ chain, data });
  if (!base || increments.length + 1 >= options.longestChain) return true;
  return increments.reduce((sum, { bytes }) => sum + bytes, 0) > options.heaviestChain * base.bytes;
}

/** @returns nothing where there is not a single line */
async function write(
  { item, vault, options, onProgress }: RecordsRequest,
  snapshot: SnapshotId,
  { lines }: Compared,
): Promise<RecordsData | undefined> {
  const first = await lines.next();
  if (first.done) return undefined;
  const all = async function* (): AsyncGenerator<RecordLine> {
    yield first.value;
    yield* lines;
  };
  const prefix = itemPrefix(item.source, item.path);
  return writeRecords({ vault, item: prefix, snapshot, tags: options.tags, onProgress }, all());
}

/** Failures that would meet the next file likewise. */
const fatal: ReadonlySet<string> = new Set(['StorageFailed', 'RateLimited', 'Interrupted']);

/** The files of a snapshot: those that the vault has, and those that are stored now. */
class Files {
  /** Stored now. */
  readonly added: RecordFile[] = [];
  readonly omitted: Manifest['omitted'] = [];
  readonly #known: Map<string, RecordFile>;
  readonly #listed = new Set<string>();
  readonly #request: RecordsRequest;
  readonly #snapshot: SnapshotId;

  constructor(request: RecordsRequest, snapshot: SnapshotId, base: Base | undefined) {
    this.#request = request;
    this.#snapshot = snapshot;
    this.#known = new Map((base ? filesOf(base.content.manifest) : []).map((file) => [file.id, file]));
  }

  /**
   * Those stored before to which a full snapshot refers. What the source has no more stays with the snapshots that hold it.
   * @param isWhole whether the source has named all that it has, so that what it did not name is gone
   */
  used(isWhole: boolean): RecordFile[] {
    return [...this.#known.values()].filter(
      (file) => !this.added.includes(file) && (!isWhole || this.#listed.has(file.id)),
    );
  }

  /** A file that cannot be had costs no record: it is named. @returns whether the vault has it */
  async keep(file: SourceFile): Promise<boolean> {
    const known = this.#known.get(file.id);
    this.#listed.add(file.id);
    if (known) return true;
    const { vault, item, options, signal, onProgress } = this.#request;
    const prefix = itemPrefix(item.source, item.path);
    try {
      const stored = await storeFile(
        { vault, item: prefix, snapshot: this.#snapshot, tags: options.tags, retry: options.retry, signal, onProgress },
        file,
      );
      this.added.push(stored);
      this.#known.set(file.id, stored);
      return true;
    } catch (error) {
      throwIfInterrupted(signal);
      if (!(error instanceof HoldfastError) || fatal.has(error.code)) throw error;
      this.omitted.push({ what: file.name, why: mask(error.message) });
      return false;
    }
  }
}
