import { readdir } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Advertisement } from '#core/git/advertisement.ts';
import { listRefs } from '#core/git/fetch.ts';
import { listForPush, push, type PackSource, type RefUpdate } from '#core/git/push.ts';
import { refMatcher, type Refs } from '#core/git/refs.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import type { Vault } from '#core/vault/vault.ts';
import type { RepositoryContent } from './content.ts';
import { openStoredBundle, readProven } from './stored-data.ts';
import { unpackArchive } from './unpack.ts';

export interface ServerRestore {
  target: Transport;
  /** Patterns of refs that may be replaced where the target has them already. */
  overwrite: readonly string[];
  /** Patterns of refs that the target is known to refuse: GitHub keeps `refs/pull/*` to itself. */
  hidden: readonly string[];
  signal?: AbortSignal | undefined;
  /** Called with the bytes sent so far of the pack under way. */
  onProgress?: (bytes: number) => void;
}

export interface ServerRestored {
  /** Refs that the target now has as the snapshot has them. */
  restored: string[];
  /** Refs that no client may write there. */
  leftOut: string[];
  /** Refs that the target refused for another reason. */
  refused: { name: string; reason: string }[];
  /** Refs of the target that the snapshot does not have; they were not touched. */
  kept: string[];
  /** The branch that should be set as the default by hand, since Git's protocol cannot. */
  defaultBranch: string | undefined;
}

/** One pack of the chain and the refs that it makes possible. */
interface Stage {
  refs: Refs;
  pack: () => Promise<PackSource>;
}

/**
 * Restores a snapshot by pushing its packs as they are, straight out of the vault, one stage of the chain after the
 * other. What the target has already is found out first, so that an interrupted restore goes on.
 * @throws {HoldfastError} TargetNotEmpty where refs would be replaced without consent
 */
export async function restoreToServer(
  vault: Vault,
  content: RepositoryContent,
  options: ServerRestore,
): Promise<ServerRestored> {
  const [only] = content.data;
  if (!only || only.format === 'bundle')
    return pushStages(content, await bundleStages(vault, content, options), options);
  const { format } = only;
  return withScratchFolder('restore', async (folder) => {
    const mirror = path.join(folder, 'mirror');
    await unpackArchive(readProven(vault, only), format, mirror);
    return pushStages(content, await mirrorStages(mirror, content), options);
  });
}

async function pushStages(
  content: RepositoryContent,
  stages: Stage[],
  options: ServerRestore,
): Promise<ServerRestored> {
  const { target } = options;
  const advertised = await listForPush(target);
  refuseOtherFormat(content, advertised, target);
  refuseWithoutConsent(content.refs, stages, advertised.refs, options);
  const isHidden = refMatcher(options.hidden);
  const leftOut = new Set([...content.refs.keys()].filter(isHidden));
  const refused = new Map<string, string>();
  const now = new Map(advertised.refs);
  for (const stage of stages.slice(firstStage(stages, now, leftOut))) {
    throwIfInterrupted(options.signal);
    const updates = updatesFor(stage, stages.at(-1) === stage, content.refs, now, leftOut);
    if (updates.length === 0) continue;
    for (const [name, answer] of await push(target, advertised, updates, await stage.pack())) {
      const oid = stage.refs.get(name);
      if (answer.ok) {
        if (oid !== undefined) now.set(name, oid);
      } else if (/hidden ref|protected ref namespace|hook declined.*refs\/pull/i.test(answer.reason)) leftOut.add(name);
      else refused.set(name, answer.reason);
    }
  }
  await removePassing(target, advertised, content.refs, now);
  return summary(content, now, advertised.refs, leftOut, refused, await listRefs(target));
}

/** A stage that is complete on the target, and all before it, need not be sent again. */
function firstStage(stages: Stage[], now: Refs, leftOut: ReadonlySet<string>): number {
  const complete = stages.findLastIndex((stage) => {
    const visible = [...stage.refs].filter(([name]) => !leftOut.has(name));
    return visible.length > 0 && visible.every(([name, oid]) => now.get(name) === oid);
  });
  return complete + 1;
}

/**
 * Before the last stage only refs move that the snapshot still has, so that none has to be taken back; where a stage
 * has no such ref its own must carry the pack, and are removed at the end.
 */
function updatesFor(stage: Stage, last: boolean, wanted: Refs, now: Refs, leftOut: ReadonlySet<string>): RefUpdate[] {
  const all = [...stage.refs].filter(([name, oid]) => !leftOut.has(name) && now.get(name) !== oid);
  const lasting = all.filter(([name]) => wanted.has(name));
  const moved =
    last || lasting.length > 0 ? lasting : all.filter(([name]) => name.startsWith('refs/heads/') && !now.has(name));
  return moved.map(([name, oid]) => ({ name, from: now.get(name), to: oid }));
}

async function removePassing(target: Transport, advertised: Advertisement, wanted: Refs, now: Refs): Promise<void> {
  const passing = [...now].filter(([name]) => !wanted.has(name) && !advertised.refs.has(name));
  if (passing.length === 0) return;
  const updates = passing.map(([name, oid]) => ({ name, from: oid, to: undefined }));
  await push(target, advertised, updates, { length: 0, chunks: nothing() });
}

function refuseOtherFormat(content: RepositoryContent, advertised: Advertisement, target: Transport): void {
  if (content.objectFormat === advertised.objectFormat) return;
  throw new HoldfastError(
    'SourceUnsupported',
    `${target.address} names objects by ${advertised.objectFormat}, the snapshot by ${content.objectFormat}`,
    {
      advice: `Create the target by: git init --bare --object-format=${content.objectFormat}`,
    },
  );
}

/** What an earlier, interrupted restore of the same chain put there counts as ours. */
function refuseWithoutConsent(wanted: Refs, stages: Stage[], present: Refs, options: ServerRestore): void {
  const consented = refMatcher(options.overwrite);
  const ours = (name: string, oid: string): boolean => stages.some((stage) => stage.refs.get(name) === oid);
  const foreign = [...present].filter(([name, oid]) => !ours(name, oid));
  const inTheWay = foreign
    .filter(([name]) => (options.overwrite.length === 0 || wanted.has(name)) && !consented(name))
    .map(([name]) => name);
  if (inTheWay.length === 0) return;
  const shown = inTheWay.slice(0, 5).join(', ') + (inTheWay.length > 5 ? ` and ${inTheWay.length - 5} more` : '');
  throw new HoldfastError('TargetNotEmpty', `${options.target.address} is not empty: ${shown}`, {
    advice: `Restore into an empty repository, or consent by --overwrite <pattern>, for instance --overwrite '${inTheWay[0] ?? ''}'. Refs that match no pattern are left as they are.`,
  });
}

async function bundleStages(
  vault: Vault,
  { data }: RepositoryContent,
  { signal, onProgress }: ServerRestore,
): Promise<Stage[]> {
  const stages: Stage[] = [];
  for (const object of data) {
    throwIfInterrupted(signal);
    const { header, pack: unread } = await openStoredBundle(vault, object);
    await unread.return(undefined);
    const pack = async (): Promise<PackSource> => {
      const bundle = await openStoredBundle(vault, object);
      return { length: object.bytes - bundle.headerBytes, chunks: counted(bundle.pack, onProgress) };
    };
    stages.push({ refs: header.refs, pack });
  }
  return stages;
}

async function mirrorStages(mirror: string, { refs }: RepositoryContent): Promise<Stage[]> {
  const folder = path.join(mirror, 'objects', 'pack');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.pack'));
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const { size } = await stat(file);
      return { refs, pack: () => Promise.resolve({ length: size, chunks: createReadStream(file) }) };
    }),
  );
}

async function* counted(
  chunks: AsyncIterable<Buffer>,
  onProgress: ((bytes: number) => void) | undefined,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    onProgress?.(bytes);
    yield chunk;
  }
}

async function* nothing(): AsyncGenerator<Buffer> {
  // Removing refs needs no pack.
}

/** Believes the target's own list, read anew, rather than what it said during the push. */
function summary(
  { refs, head }: RepositoryContent,
  now: Refs,
  before: Refs,
  leftOut: ReadonlySet<string>,
  refused: ReadonlyMap<string, string>,
  listed: Advertisement,
): ServerRestored {
  const restored = [...refs].filter(([name, oid]) => listed.refs.get(name) === oid).map(([name]) => name);
  const done = new Set(restored);
  const failed = [...refs.keys()].filter((name) => !done.has(name) && !leftOut.has(name));
  return {
    restored,
    leftOut: [...leftOut].filter((name) => refs.has(name) && !done.has(name)),
    refused: failed.map((name) => ({
      name,
      reason: refused.get(name) ?? (now.has(name) ? 'the target hides it or moved it elsewhere' : 'not sent'),
    })),
    kept: [...before.keys()].filter((name) => !refs.has(name)),
    defaultBranch:
      head.type === 'branch' && !(listed.head.type === 'branch' && listed.head.ref === head.ref) ? head.ref : undefined,
  };
}
