import path from 'node:path';
import type { Advertisement } from '#core/git/advertisement.ts';
import { listRefs } from '#core/git/fetch.ts';
import { listForPush, push, pushInBatches, type RefUpdate } from '#core/git/push.ts';
import { refMatcher, type Refs } from '#core/git/refs.ts';
import type { Transport } from '#core/git/transport.ts';
import { HoldfastError, hasCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import { readProven } from '#core/vault/read-proven.ts';
import type { Phase } from '#core/runtime/phase.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { RepositoryContent } from './content.ts';
import { bundleStages, mirrorStages, repackedStages, type Stage } from './push-stages.ts';
import { takeMirror } from './take-mirror.ts';

export interface ServerRestore {
  target: Transport;
  /** Patterns of refs that may be replaced where the target has them already. */
  overwrite: readonly string[];
  /** Patterns of refs that the target is known to refuse: GitHub keeps `refs/pull/*` to itself. */
  hidden: readonly string[];
  /** How many refs one push may change: 4,000 at CodeCommit. Default: any number. */
  refsPerPush?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Called with the bytes read from the vault so far. */
  onProgress?: (bytes: number) => void;
  onPhase?: (phase: Phase) => void;
}

export interface ServerRestored {
  /** Refs that the target now has as the snapshot has them. */
  restored: string[];
  /** Refs that no client may write there. */
  leftOut: string[];
  /** Refs that the target refused for another reason. */
  refused: { name: string; reason: string }[];
  /** What the target said during the push: where it refuses something, often why. */
  said: string[];
  /** Refs of the target that the snapshot does not have; they were not touched. */
  kept: string[];
  /** The branch that should be set as the default by hand, since Git's protocol cannot. */
  defaultBranch: string | undefined;
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
  const advertised = await listForPush(options.target);
  refuseOtherFormat(content, advertised, options.target);
  if (!advertised.capabilities.has('ofs-delta') && content.data.some(({ offsetDeltas }) => offsetDeltas !== false))
    return withScratchFolder('restore', async (folder) =>
      pushStages(content, advertised, await repackedStages(vault, content, folder, options), options),
    );
  const [only] = content.data;
  if (!only || only.format === 'bundle')
    return pushStages(content, advertised, await bundleStages(vault, content, options), options);
  return withScratchFolder('restore', async (folder) => {
    const mirror = path.join(folder, 'mirror');
    options.onPhase?.('reading');
    await takeMirror(readProven(vault, only), only, content, mirror);
    return pushStages(content, advertised, await mirrorStages(mirror, content, options), options);
  });
}

async function pushStages(
  content: RepositoryContent,
  advertised: Advertisement,
  stages: Stage[],
  options: ServerRestore,
): Promise<ServerRestored> {
  const { target } = options;
  const marker = markerOf(content);
  refuseWithoutConsent(content, stages, advertised.refs, options);
  const isHidden = refMatcher(options.hidden);
  const leftOut = new Set([...content.refs.keys()].filter(isHidden));
  const refused = new Map<string, string>();
  const said = new Set<string>();
  const now = new Map(advertised.refs);
  for (const stage of stages.slice(firstStage(stages, marker, content.refs, now, leftOut))) {
    throwIfInterrupted(options.signal);
    const updates = updatesFor(stage, content.refs, now, leftOut);
    if (stage !== stages.at(-1) && stage.brings !== undefined && now.get(marker) !== stage.brings)
      updates.push({ name: marker, from: now.get(marker), to: stage.brings });
    if (updates.length === 0) continue;
    const pushed = pushInBatches(target, advertised, updates, stage.pack, options.refsPerPush);
    const { answers, said: remarks } = await pushed.catch(async (error: unknown) => {
      // A server that checks the pack as it comes may notice damage before we do.
      if (hasCode(error, 'RemoteRefused')) await stage.prove();
      throw error;
    });
    for (const line of remarks) said.add(line);
    for (const { name, to } of updates) {
      const answer = answers.get(name);
      if (answer?.ok && to !== undefined) now.set(name, to);
      else if (answer?.ok === false && isRefusedToAll(answer.reason)) leftOut.add(name);
      else if (answer?.ok === false) refused.set(name, answer.reason);
    }
  }
  const stuck = await removeMarker(target, advertised, marker, now.get(marker));
  const result = summary(content, now, advertised.refs, leftOut, refused, await listRefs(target));
  return {
    ...result,
    refused: [...result.refused, ...stuck],
    said: [...said],
    kept: result.kept.filter((name) => name !== marker),
  };
}

/**
 * A tag that stands on the target while a chain is restored there. It carries each pack, also one whose refs are all
 * gone by now or hidden, says how far the restore got when it was interrupted, and is removed at the end. A tag since
 * the first branch of an empty repository would become its default, which cannot be removed.
 */
function markerOf({ snapshot }: Pick<RepositoryContent, 'snapshot'>): string {
  return `refs/tags/holdfast-restore-${snapshot.digest.slice(0, 12)}`;
}

/** What the target has already need not be sent again: all, or the stages up to the marker. */
function firstStage(stages: Stage[], marker: string, wanted: Refs, now: Refs, leftOut: ReadonlySet<string>): number {
  if ([...wanted].every(([name, oid]) => leftOut.has(name) || now.get(name) === oid)) return stages.length;
  const reached = now.get(marker);
  return reached === undefined ? 0 : stages.findIndex(({ brings }) => brings === reached) + 1;
}

/** Before the last stage only refs move that the snapshot still has, so that none has to be taken back. */
function updatesFor(stage: Stage, wanted: Refs, now: Refs, leftOut: ReadonlySet<string>): RefUpdate[] {
  return [...stage.refs]
    .filter(([name, oid]) => wanted.has(name) && !leftOut.has(name) && now.get(name) !== oid)
    .map(([name, oid]) => ({ name, from: now.get(name), to: oid }));
}

/** Whether a server would refuse the ref to anybody, as GitHub does with `refs/pull/*`. */
function isRefusedToAll(reason: string): boolean {
  return /hidden ref|protected ref namespace|hook declined.*refs\/pull/i.test(reason);
}

async function removeMarker(
  target: Transport,
  advertised: Advertisement,
  name: string,
  from: string | undefined,
): Promise<ServerRestored['refused']> {
  if (from === undefined) return [];
  const nothingToSend = { length: 0, chunks: nothing() };
  const { answers } = await push(target, advertised, [{ name, from, to: undefined }], nothingToSend);
  const answer = answers.get(name);
  return answer?.ok === false ? [{ name, reason: `cannot be removed: ${answer.reason}` }] : [];
}

async function* nothing(): AsyncGenerator<Buffer> {
  // Removing refs needs no pack.
}

/** @throws {HoldfastError} SourceUnsupported where the target names objects by another digest */
export function refuseOtherFormat(content: RepositoryContent, advertised: Advertisement, target: Transport): void {
  if (content.objectFormat === advertised.objectFormat) return;
  throw new HoldfastError(
    'SourceUnsupported',
    `${target.address} names objects by ${advertised.objectFormat}, the snapshot by ${content.objectFormat}`,
    {
      advice: `Create the target by: git init --bare --object-format=${content.objectFormat}`,
    },
  );
}

/**
 * The refs of the target that a restore may not touch without consent. What an earlier, interrupted restore of the same
 * chain put there counts as ours.
 */
export function refsInTheWay(
  { refs: wanted, ...content }: RepositoryContent,
  stages: readonly Pick<Stage, 'refs'>[],
  present: Refs,
  overwrite: readonly string[],
): string[] {
  const marker = markerOf(content);
  const consented = refMatcher(overwrite);
  const ours = (name: string, oid: string): boolean =>
    name === marker || stages.some((stage) => stage.refs.get(name) === oid);
  const foreign = [...present].filter(([name, oid]) => !ours(name, oid));
  return foreign
    .filter(([name]) => (overwrite.length === 0 || wanted.has(name)) && !consented(name))
    .map(([name]) => name);
}

function refuseWithoutConsent(
  content: RepositoryContent,
  stages: Stage[],
  present: Refs,
  options: ServerRestore,
): void {
  const inTheWay = refsInTheWay(content, stages, present, options.overwrite);
  if (inTheWay.length === 0) return;
  const shown = inTheWay.slice(0, 5).join(', ') + (inTheWay.length > 5 ? ` and ${inTheWay.length - 5} more` : '');
  throw new HoldfastError('TargetNotEmpty', `${options.target.address} is not empty: ${shown}`, {
    advice: `Restore into an empty repository, or allow it by --overwrite <pattern>, for instance --overwrite '${inTheWay[0] ?? ''}'. Refs that match no pattern are left as they are.`,
  });
}

/** Trusts the target's own list, read again, rather than what it said during the push. */
function summary(
  { refs, head }: RepositoryContent,
  now: Refs,
  before: Refs,
  leftOut: ReadonlySet<string>,
  refused: ReadonlyMap<string, string>,
  listed: Advertisement,
): Omit<ServerRestored, 'said'> {
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
