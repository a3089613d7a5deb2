import type { Advertisement } from '#core/git/advertisement.ts';
import { listRefs } from '#core/git/fetch.ts';
import { refsDigest, selectRefs, type RefSelection } from '#core/git/refs.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import type { RetryPolicy } from '#core/runtime/retry.ts';
import { version } from '#core/runtime/version.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { commitSnapshot } from '#core/vault/commit-snapshot.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { LfsState, MissingObject } from '#core/vault/lfs-state.ts';
import type { Asset, CheckedManifest, Manifest, ManifestItem } from '#core/vault/manifest.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import { placeFor } from '#core/vault/place.ts';
import { contentOf, findPrevious, type Previous, type Proof } from '#core/vault/previous.ts';
import { referenceTo } from '#core/vault/reference.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { ObjectTags, Vault } from '#core/vault/storage/vault.ts';
import { takeUntilWhole } from '#core/vault/take-until-whole.ts';
import type { LfsApi } from '../lfs-api.ts';
import type { Pointer } from '../pointer.ts';
import { leftoverObjects, soundObjects } from '../stored-objects.ts';
import { findPointers } from './find-pointers.ts';
import { incompleteness, omissions, sum } from './missing-objects.ts';
import { storeObjects } from './store-objects.ts';

export interface LfsOptions {
  refs: RefSelection;
  /** Look through all of the history again. Objects that are stored are not fetched again. */
  full: boolean;
  /** The most that is stored of one repository's objects, in bytes, all snapshots together. */
  limit: number;
  /** The most that is fetched here, in bytes; more belongs where there is more time. */
  streamLimit: number;
  tags: ObjectTags;
  retry: RetryPolicy;
}

export interface LfsRequest {
  item: ManifestItem;
  /** To the repository that names the objects. */
  transport: Transport;
  api: LfsApi;
  vault: Vault;
  /** The same for every attempt at this item in this run. */
  snapshot: SnapshotId;
  options: LfsOptions;
  announced?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Bytes of Git or of objects so far. */
  onProgress?: (bytes: number) => void;
  onRetry?: (error: HoldfastError) => void;
  /** Told what is about to be fetched. */
  onNote?: (note: string) => void;
}

/**
 * Takes a snapshot of all objects of Git LFS that a repository's refs name, or ever named while they were looked at. What
 * cannot be had is named; what was stored by then counts also where it ends before its time.
 */
export async function backUpLfs(request: LfsRequest): Promise<Stored | Unchanged> {
  const catalogue = new Catalogue(request.vault);
  return takeUntilWhole(request, () => takeSnapshot(request, catalogue));
}

/** What there is to do for a snapshot. */
export interface LfsPlan {
  content: CheckedManifest | undefined;
  previous: Previous;
  listed: Advertisement;
  digest: string;
  tips: string[];
  elsewhere: string[];
  /** Objects that are stored, by their oids. */
  held: Map<string, Asset>;
  /** Objects that are named and not stored, and that are to be asked for. */
  wanted: Pointer[];
  /** Those among the named that would exceed the limit. */
  left: MissingObject[];
}

/** Lists the refs and looks through what is new of the history. Writes nothing. */
export async function planLfs(
  {
    item,
    transport,
    api,
    options,
    onProgress,
  }: Pick<LfsRequest, 'item' | 'transport' | 'api' | 'options' | 'onProgress'>,
  catalogue: Catalogue,
  prove?: Proof,
): Promise<LfsPlan> {
  const previous = await findPrevious(catalogue, item, prove);
  const content = await contentOf(catalogue, previous);
  const state = content?.manifest.lfs;
  const listed = await listRefs(transport);
  const { taken } = selectRefs(listed.refs, options.refs);
  const digest = refsDigest(taken, listed.head);
  const tips = new Set(taken.values());
  if (listed.head.type === 'detached') tips.add(listed.head.oid);
  const known = new Set(options.full ? [] : state?.tips);
  const asked = { wants: [...tips].filter((oid) => !known.has(oid)), haves: [...known] };
  const found = await findPointers(transport, listed, asked, onProgress ?? (() => undefined));
  const held = content ? soundObjects(content.manifest, previous.entries) : new Map<string, Asset>();
  const named = new Map([
    ...found.objects,
    ...(state?.missing ?? []).map(({ oid, bytes }): [string, number] => [oid, bytes]),
    ...(content ? damaged(content, held) : []),
  ]);
  const wanted: Pointer[] = [];
  const left: MissingObject[] = [];
  let bytes = sum([...held.values()]);
  for (const [oid, size] of named) {
    if (held.has(oid)) continue;
    if (bytes + size <= options.limit) {
      wanted.push({ oid, size });
      bytes += size;
    } else left.push({ oid, bytes: size, why: overLimit });
  }
  const others = [...found.configured].flatMap((address) => otherServer(address, api));
  const elsewhere = [...new Set([...(state?.elsewhere ?? []), ...others])];
  return { content, previous, listed, digest, tips: [...tips], elsewhere, held, wanted, left };
}

const overLimit = 'over the limit for the objects of one repository';

/** Objects of the snapshot before that are not sound any more. */
function damaged({ manifest }: CheckedManifest, held: ReadonlyMap<string, Asset>): [string, number][] {
  return [...manifest.chain, ...manifest.data].flatMap((one): [string, number][] =>
    one.format === 'asset' && !held.has(one.name) ? [[one.name, one.bytes]] : [],
  );
}

/** The server of an address in a `.lfsconfig`, where it is another than the repository's own. */
function otherServer(address: string, api: LfsApi): string[] {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url && !api.isAt(url) ? [url.host] : [];
}

async function takeSnapshot(request: LfsRequest, catalogue: Catalogue): Promise<CheckedManifest | undefined> {
  const started = new Date();
  const { item, vault, options, signal, onNote } = request;
  const prove: Proof = async ({ manifest }) => {
    for (const data of manifest.data) for await (const _ of readProven(vault, data)) throwIfInterrupted(signal);
  };
  const plan = await planLfs(request, catalogue, prove);
  const { content, previous, held, wanted } = plan;
  const place = await placeFor(catalogue, item, request.snapshot, previous);
  const bytes = wanted.reduce((total, { size }) => total + size, 0);
  if (bytes > options.streamLimit)
    throw new HoldfastError('TooLarge', `${bytes} bytes of objects are more than there is time for here`);
  if (wanted.length > 0) onNote?.(`${wanted.length} objects of Git LFS to fetch, ${bytes} bytes`);
  const { stored, missing, ended } = await storeObjects({
    ...request,
    item: itemPrefix(item.source, item.path),
    snapshot: place.snapshot,
    objects: wanted,
    leftovers: leftoverObjects(previous.entries),
    tags: options.tags,
    retry: options.retry,
    onProgress: request.onProgress ?? (() => undefined),
  });
  if (ended && stored.length === 0 && ended.code !== 'RateLimited') throw ended;
  const state: LfsState = {
    refsDigest: plan.digest,
    tips: plan.tips,
    objects: held.size + stored.length,
    bytes: sum([...held.values(), ...stored]),
    missing: [...missing, ...plan.left],
    elsewhere: plan.elsewhere,
  };
  const incomplete = incompleteness(state);
  const parts = partsOf(content, held, stored, state);
  if (parts.kind === 'unchanged' && place.found) return stop(place.found, ended);
  const manifest: Manifest = {
    format: 1,
    item,
    snapshot: place.snapshot,
    ...parts,
    ...(incomplete === undefined ? {} : { incomplete }),
    omitted: omissions(state),
    warnings: [...previous.warnings, ...goneWarnings(state)],
    tool: { name: 'holdfast', version },
    started: started.toISOString(),
    finished: new Date().toISOString(),
  };
  const { indexed } = previous;
  const context = { vault, catalogue, indexed, announced: request.announced, retry: options.retry };
  const committed = await commitSnapshot(context, manifest);
  return committed && stop(committed, ended);
}

/** What ended it counts as a quota does: the snapshot says what is missing. What was asked to stop, stops. */
function stop(committed: CheckedManifest, ended: HoldfastError | undefined): CheckedManifest {
  if (ended && ended.code !== 'RateLimited') throw ended;
  return committed;
}

function partsOf(
  content: CheckedManifest | undefined,
  held: ReadonlyMap<string, Asset>,
  stored: Asset[],
  state: LfsState,
): Pick<Manifest, 'kind' | 'parent' | 'chain' | 'data' | 'lfs'> {
  if (content && stored.length === 0 && isSame(content.manifest.lfs, state))
    return { kind: 'unchanged', parent: referenceTo(content), chain: [], data: [] };
  if (state.objects === 0) return { kind: 'empty', chain: [], data: [], lfs: state };
  if (!content || held.size === 0) return { kind: 'full', chain: [], data: stored, lfs: state };
  return { kind: 'incremental', parent: referenceTo(content), chain: [...held.values()], data: stored, lfs: state };
}

function isSame(before: LfsState | undefined, now: LfsState): boolean {
  const oids = ({ missing }: LfsState): string => JSON.stringify(missing.map(({ oid }) => oid).sort());
  return (
    before !== undefined &&
    before.refsDigest === now.refsDigest &&
    before.objects === now.objects &&
    oids(before) === oids(now)
  );
}

/** What the server has lost is nothing that another backup could mend. */
function goneWarnings({ missing }: LfsState): string[] {
  const gone = missing.filter((one) => one.gone);
  const [first] = gone;
  if (!first) return [];
  return [`the server does not have ${gone.length} objects that are named, as ${first.oid}: ${first.why}`];
}
