import type { Advertisement } from '#core/git/advertisement.ts';
import { listRefs } from '#core/git/fetch.ts';
import { refsDigest, selectRefs, type Refs } from '#core/git/refs.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError, hasCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import { mask } from '#core/runtime/redact.ts';
import { version } from '#core/runtime/version.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { commitSnapshot } from '#core/vault/commit-snapshot.ts';
import { discard } from '#core/vault/commit.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { CheckedManifest, GitState, ItemMetadata, Manifest, ManifestItem } from '#core/vault/manifest.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import { placeFor } from '#core/vault/place.ts';
import { contentOf, findPrevious, isSound, type Previous, type Proof } from '#core/vault/previous.ts';
import { referenceTo } from '#core/vault/reference.ts';
import { refsSince } from '#core/vault/refs-since.ts';
import { shortened } from '#core/vault/short-manifest.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { takeUntilWhole } from '#core/vault/take-until-whole.ts';
import { proveData } from '../restore/prove-data.ts';
import { changesSince } from './changes.ts';
import type { BackupOptions } from './options.ts';
import { plan, type Plan } from './plan.ts';
import { streamBundle } from './stream.ts';

export interface BackupRequest {
  item: ManifestItem;
  transport: Transport;
  vault: Vault;
  /** The same for every attempt at this item in this run, so that a retry commits no second snapshot. */
  snapshot: SnapshotId;
  options: BackupOptions;
  /** Whether the inventory of a run under way says that this item may be backed up now; else a pin has to. */
  announced?: boolean | undefined;
  /** Asks the source what it knows of the item beside what Git tells. */
  describe?: (() => Promise<Omit<Described, 'warnings'>>) | undefined;
  signal?: AbortSignal | undefined;
  /** Bytes of data stored so far; falls back to 0 when a new attempt begins. */
  onProgress?: (bytes: number) => void;
  onRetry?: (error: HoldfastError) => void;
}

/**
 * Takes one snapshot of one repository. Either the whole snapshot exists afterwards or an error is thrown and
 * nothing of it counts.
 */
export async function backUpRepository(request: BackupRequest): Promise<Stored | Unchanged> {
  const { vault, options } = request;
  const catalogue = new Catalogue(vault);
  return takeUntilWhole(request, (full) => takeSnapshot({ ...request, options: { ...options, full } }, catalogue));
}

/**
 * @param notes warnings for the snapshot, of an attempt before this one
 * @returns nothing if the backup has to start again, since the vault has changed meanwhile
 */
async function takeSnapshot(
  request: BackupRequest,
  catalogue: Catalogue,
  notes: readonly string[] = [],
): Promise<CheckedManifest | undefined> {
  const started = new Date();
  const { item, vault, options } = request;
  const prove: Proof = async ({ manifest }) => {
    for (const data of manifest.data) await proveData(vault, data, manifest);
  };
  const previous = await findPrevious(catalogue, item, prove);
  const content = await contentOf(catalogue, previous);
  const place = await placeFor(catalogue, item, request.snapshot, previous);
  const described = await describe(request);
  const { listed, taken, left, decided } = await decide(request, described.defaultBranch, previous, content);
  if (place.found && (await isOurs(catalogue, place.found, refsDigest(taken, listed.head), prove))) return place.found;
  // The size of a repository is not known beforehand, so that it was too large once has to be remembered.
  const large = options.large || previous.latest?.manifest.hints?.large === true;
  if (large && decided.kind === 'full' && options.streamLimit < Infinity)
    throw new HoldfastError('TooLarge', 'a full snapshot of the repository was too large to be made here before');
  const { snapshot } = place;
  const parts = await contentParts({ ...tagged(request, described.resource), snapshot }, listed, taken, decided);
  const manifest: Manifest = {
    format: parts.git.refsSince ? 2 : 1,
    item,
    snapshot,
    kind: decided.kind,
    ...parts,
    ...(large ? { hints: { large } } : {}),
    ...(described.metadata ? { metadata: described.metadata } : {}),
    omitted: omissions(left, listed),
    warnings: [
      ...previous.warnings,
      ...warningsOf(decided, content, previous, parts.git),
      ...unstorable(listed),
      ...described.warnings,
      ...notes,
    ],
    tool: { name: 'holdfast', version },
    started: started.toISOString(),
    finished: new Date().toISOString(),
  };
  // Loaded only when needed, since a function never does it.
  const damage = options.checkObjects ? await (await import('./damage.ts')).damageOf(request, manifest) : undefined;
  if (damage) {
    await discard(vault, manifest);
    if (decided.kind !== 'incremental') throw damage;
    // What it builds on may be to blame, and the server may still have it whole.
    const note = `a full snapshot, since an incremental one on ${decided.parent.manifest.snapshot} would not restore: ${damage.message}`;
    return takeSnapshot({ ...request, options: { ...options, full: true } }, catalogue, [...notes, note]);
  }
  const { indexed } = previous;
  const stored = decided.kind === 'unchanged' ? shortened(manifest, decided.parent.manifest) : manifest;
  return commitSnapshot({ vault, catalogue, indexed, announced: request.announced, retry: options.retry }, stored);
}

/**
 * Whether a snapshot under an id of this run is what this run would store: it has the refs that the repository has now,
 * and its data is what it says.
 */
async function isOurs(catalogue: Catalogue, found: CheckedManifest, digest: string, prove: Proof): Promise<boolean> {
  const { item, snapshot } = referenceTo(found);
  try {
    const { content } = await catalogue.snapshot(item, snapshot);
    if (content.git?.refsDigest !== digest) return false;
    await prove(found);
    return true;
  } catch (error) {
    if (!hasCode(error, 'Damaged')) throw error;
    return false;
  }
}

/** Lists the refs, and decides how they are taken. @param branch at which HEAD points, where the source knows */
export async function decide(
  { transport, options }: Pick<BackupRequest, 'transport' | 'options'>,
  branch: string | undefined,
  { latest, entries }: Previous,
  content: CheckedManifest | undefined,
): Promise<{ listed: Advertisement; taken: Map<string, string>; left: string[]; decided: Plan }> {
  const listed = atBranch(await listRefs(transport), branch);
  refuseWithoutRefs(listed);
  const { taken, left } = selectRefs(listed.refs, options.refs);
  const previous = latest && content ? { latest, content, sound: isSound(content, entries) } : undefined;
  return { listed, taken, left, decided: plan(listed, taken, previous, options) };
}

/** Nothing of it could be kept, so that an empty snapshot would say what is not so. */
function refuseWithoutRefs({ refs, head, invalidNames }: Advertisement): void {
  if (invalidNames.length === 0 || refs.size > 0 || head.type === 'detached') return;
  throw new HoldfastError('SourceUnsupported', `Git forbids the name of each ref: ${namesOf(invalidNames)}`, {
    advice: 'Rename them on the server, by the rules of git check-ref-format.',
  });
}

interface Described {
  resource?: string | undefined;
  metadata?: ItemMetadata;
  defaultBranch?: string | undefined;
  warnings: string[];
}

/** What is known beside the content must never cost the content. */
export async function describe({ describe, signal }: Pick<BackupRequest, 'describe' | 'signal'>): Promise<Described> {
  try {
    return { ...(await describe?.()), warnings: [] };
  } catch (error) {
    throwIfInterrupted(signal);
    // Of one that is gone, Git will say so.
    if (!(error instanceof HoldfastError)) throw error;
    return { warnings: [`its settings at the source are not in this snapshot: ${mask(error.message)}`] };
  }
}

/** A user of tags also wants to find what belongs to one repository. */
function tagged(request: BackupRequest, source: string | undefined): BackupRequest {
  const { options } = request;
  if (source === undefined || Object.keys(options.tags).length === 0) return request;
  return { ...request, options: { ...options, tags: { ...options.tags, source } } };
}

/** HEAD as the source knows it, where the server names only its commit. */
function atBranch(listed: Advertisement, branch: string | undefined): Advertisement {
  const ref = `refs/heads/${branch ?? ''}`;
  const { head, refs } = listed;
  return head.type === 'detached' && refs.get(ref) === head.oid
    ? { ...listed, head: { type: 'branch', ref, oid: head.oid } }
    : listed;
}

type ContentParts = Pick<Manifest, 'parent' | 'chain' | 'data'> & { git: GitState };

async function contentParts(
  request: BackupRequest,
  listed: Advertisement,
  taken: ReadonlyMap<string, string>,
  decided: Plan,
): Promise<ContentParts> {
  const base = { objectFormat: listed.objectFormat, head: listed.head, refsDigest: refsDigest(taken, listed.head) };
  const git = { ...base, refs: Object.fromEntries(taken) };
  switch (decided.kind) {
    case 'empty':
      return { git, chain: [], data: [] };
    case 'unchanged': {
      const { chain, data } = decided.parent.manifest;
      return { git: base, parent: referenceTo(decided.parent), chain: [...chain, ...data], data: [] };
    }
    case 'incremental': {
      const { manifest } = decided.parent;
      const { head } = listed;
      const since = refsSince(decided.parent, taken, head.type === 'branch' ? head.ref : undefined);
      const headed = since && new Map(Object.entries(since.set));
      const { data, ...rest } = await stream(request, listed, taken, { parent: manifest.git, headed });
      const before = new Map(Object.entries(manifest.git?.refs ?? {}));
      const changes = await changesSince(before, taken, request.transport, listed);
      return {
        git: { ...(since ? { ...base, refsSince: since } : git), ...rest, changes },
        parent: referenceTo(decided.parent),
        chain: [...manifest.chain, ...manifest.data],
        data: [data],
      };
    }
    case 'full': {
      const take = request.options.format === 'bundle' ? stream : archive;
      const { data, pack } = await take(request, listed, taken);
      return { git: { ...git, pack }, chain: [], data: [data] };
    }
  }
}

function stream(
  request: BackupRequest,
  listed: Advertisement,
  refs: Refs,
  { parent, headed }: { parent?: GitState | undefined; headed?: Refs | undefined } = {},
) {
  return streamBundle({
    transport: request.transport,
    vault: request.vault,
    item: itemPrefix(request.item.source, request.item.path),
    snapshot: request.snapshot,
    listed,
    refs,
    headed,
    parent,
    offsetDeltas: request.options.offsetDeltas,
    tags: request.options.tags,
    limit: request.options.streamLimit,
    onProgress: request.onProgress ?? (() => undefined),
  });
}

async function archive(request: BackupRequest, listed: Advertisement, refs: ReadonlyMap<string, string>) {
  // Loaded only when needed: hardly anybody asks for archives, and what packs them is a quarter of all that is loaded.
  const { archiveRepository } = await import('./archive.ts');
  return archiveRepository({
    transport: request.transport,
    vault: request.vault,
    item: itemPrefix(request.item.source, request.item.path),
    snapshot: request.snapshot,
    listed,
    refs,
    format: request.options.format === 'zip' ? 'zip' : 'tar.gz',
    limit: request.options.archiveLimit,
    offsetDeltas: request.options.offsetDeltas,
    tags: request.options.tags,
    indexer: request.options.indexer,
    onProgress: request.onProgress ?? (() => undefined),
  });
}

/** Names enough to recognise what was left out; a repository may have many thousands of such refs. */
const mostNamesKept = 20;

function omissions(left: string[], listed: Advertisement): Manifest['omitted'] {
  return [
    ...summary(left, 'left out by the selection of refs'),
    ...summary(listed.invalidNames, 'Git forbids the name'),
  ];
}

function summary(names: string[], why: string): Manifest['omitted'] {
  const kept = names.slice(0, mostNamesKept).map((what) => ({ what, why }));
  const more = names.length - kept.length;
  return more > 0 ? [...kept, { what: `${more} more refs`, why }] : kept;
}

function warningsOf(decided: Plan, content: CheckedManifest | undefined, previous: Previous, git: GitState): string[] {
  const warnings: string[] = [];
  if (decided.kind === 'full' && previous.latest && /damaged/.test(decided.why))
    warnings.push(`full snapshot: ${decided.why}`);
  if (decided.kind === 'empty' && content && content.manifest.kind !== 'empty')
    warnings.push(`the repository is empty now; snapshot ${content.manifest.snapshot} still holds what it had`);
  for (const name of git.changes?.rewritten ?? [])
    warnings.push(`history rewritten: ${name} no longer contains the commit that it had; older snapshots do`);
  return warnings;
}

/** These were not left out by choice, so it takes more than a line among the omissions. */
function unstorable({ invalidNames }: Advertisement): string[] {
  if (invalidNames.length === 0) return [];
  return [`${invalidNames.length} refs are left out, since Git forbids their names: ${namesOf(invalidNames)}`];
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => JSON.stringify(name));
  return `${shown.join(', ')}${names.length > 3 ? ', …' : ''}`;
}
