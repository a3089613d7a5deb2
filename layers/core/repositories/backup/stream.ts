import { randomBytes } from 'node:crypto';
import type { Advertisement } from '#core/git/advertisement.ts';
import { bundleHeader } from '#core/git/bundle.ts';
import { emptyPack } from '#core/git/empty-pack.ts';
import { allowsOffsetDeltas, fetchOffered, offerOf, type PackSink } from '#core/git/fetch.ts';
import { PackChecker, type PackInfo } from '#core/git/pack-checker.ts';
import type { Refs } from '#core/git/refs.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { dataKey } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { RepositoryData, GitState } from '#core/vault/manifest.ts';
import type { ObjectTags, Vault } from '#core/vault/storage/vault.ts';

export interface StreamRequest {
  transport: Transport;
  vault: Vault;
  /** The item's prefix. */
  item: string;
  snapshot: SnapshotId;
  listed: Advertisement;
  refs: Refs;
  /** Those of them that the bundle lists, where it need not list all. */
  headed?: Refs | undefined;
  /** The refs of the snapshot to build on; absent for a full one. */
  parent: GitState | undefined;
  offsetDeltas: boolean;
  tags: ObjectTags;
  /** The largest bundle that is stored, in bytes. */
  limit: number;
  /** Called with the bytes stored so far. */
  onProgress: (bytes: number) => void;
}

export interface Streamed {
  data: RepositoryData;
  pack: PackInfo;
  prerequisites: string[];
}

/** The one idea: refs become a bundle's header, and the fetched pack flows behind it into the vault. */
export async function streamBundle(request: StreamRequest): Promise<Streamed> {
  const { listed, refs, parent, vault } = request;
  const held = new Set(Object.values(parent?.refs ?? {}));
  if (parent && parent.head.type === 'detached') held.add(parent.head.oid);
  const tips = new Set(refs.values());
  if (listed.head.type === 'detached') tips.add(listed.head.oid);
  const wants = [...tips].filter((oid) => !held.has(oid));
  const prerequisites = parent ? prerequisitesIn(parent, request) : [];
  const haves = parent ? mostTelling(parent, refs, held) : [];

  const attempt = randomBytes(4).toString('hex');
  const writer = vault.writer(dataKey(request.item, request.snapshot, attempt, 'repository.bundle'), request.tags);
  let bytes = 0;
  const write: PackSink = (chunk) => {
    bytes += chunk.length;
    if (bytes > request.limit)
      throw new HoldfastError('TooLarge', `the repository is larger than ${request.limit} bytes`);
    request.onProgress(bytes);
    return writer.write(chunk);
  };
  try {
    await write(bundleHeader(listed.objectFormat, request.headed ?? refs, listed.head, prerequisites));
    const { pack, offsetDeltas } =
      wants.length > 0 ? await writePack(request, wants, haves, write) : await writeEmptyPack(listed, write);
    const data = { ...(await writer.finish()), format: 'bundle', ...(offsetDeltas ? {} : { offsetDeltas }) } as const;
    return { data, pack, prerequisites };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/**
 * Many servers, and proxies before them, take no request of more than 1 MB, which so many haves stay below. A server
 * needs no complete list: what it does not hear of it sends once more, unless what it heard of contains it.
 */
const mostHaves = 16_000;

/** Of what is held, first what new commits most likely follow: what refs were at that moved or are gone, then branches. */
function mostTelling(parent: GitState, now: Refs, held: ReadonlySet<string>): string[] {
  if (held.size <= mostHaves) return [...held];
  const before = Object.entries(parent.refs ?? {});
  const moved = before.filter(([name, oid]) => now.get(name) !== oid);
  const branches = before.filter(([name]) => name.startsWith('refs/heads/'));
  const ordered = [...moved, ...branches, ...before].map(([, oid]) => oid);
  if (parent.head.type === 'detached') ordered.unshift(parent.head.oid);
  return [...new Set(ordered)].slice(0, mostHaves);
}

/**
 * What the increment needs of its parent, as a bundle may say it: commits only. Branches always are, and so is a HEAD;
 * other refs may be of anything, and a prerequisite that is not a commit would make git refuse the bundle. Without any
 * the bundle is applied all the same, in its order.
 */
function prerequisitesIn(parent: GitState, { refs, headed }: Pick<StreamRequest, 'refs' | 'headed'>): string[] {
  const branches = Object.entries(parent.refs ?? {}).filter(([name]) => name.startsWith('refs/heads/'));
  if (branches.length === 0 && parent.head.type === 'detached') return [parent.head.oid];
  // A header that spares most refs would be as long again with all that they were at before.
  const moved = headed ? branches.filter(([name, oid]) => refs.get(name) !== oid) : branches;
  const needed = moved.length > 0 ? moved : branches.slice(0, 1);
  return [...new Set(needed.map(([, oid]) => oid))];
}

interface WrittenPack {
  pack: PackInfo;
  /** Whether deltas in it may name their base by its place. */
  offsetDeltas: boolean;
}

async function writePack(
  request: StreamRequest,
  wants: readonly string[],
  haves: readonly string[],
  write: PackSink,
): Promise<WrittenPack> {
  const { transport, listed } = request;
  const offer = await offerOf(transport, listed);
  const asked = { wants, haves, offsetDeltas: request.offsetDeltas };
  return { pack: await fetchOffered(transport, offer, asked, write), offsetDeltas: allowsOffsetDeltas(offer, asked) };
}

async function writeEmptyPack(listed: Advertisement, write: PackSink): Promise<WrittenPack> {
  const pack = emptyPack(listed.objectFormat);
  const checker = new PackChecker(listed.objectFormat);
  checker.update(pack);
  await write(pack);
  return { pack: checker.finish(), offsetDeltas: false };
}
