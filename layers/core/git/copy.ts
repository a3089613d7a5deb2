import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HoldfastError, hasCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import type { Phase } from '#core/runtime/phase.ts';
import { withScratchFolder } from '#core/runtime/scratch.ts';
import type { Advertisement } from './advertisement.ts';
import { isAncestor } from './ancestry.ts';
import { fetchOffered, listRefs, offerOf, type FetchRequest } from './fetch.ts';
import { pipe } from './pipe.ts';
import {
  listForPush,
  packOfNothing,
  pushInBatches,
  type PackSource,
  type PushOutcome,
  type RefUpdate,
} from './push.ts';
import { refMatcher, selectRefs, type RefSelection } from './refs.ts';
import type { Transport } from './transport.ts';

export interface CopyRequest {
  from: Transport;
  to: Transport;
  refs: RefSelection;
  /** Patterns of refs that may be moved to a commit that is not a descendant of the present one. */
  force: readonly string[];
  /** Patterns of refs that are read-only at the target. */
  hidden: readonly string[];
  /** How many refs one push may change. */
  refsPerPush?: number | undefined;
  /** Whether the target needs to know the length of the pack: then the pack goes through a file on its way. */
  needsLength: boolean;
  /** Only find out what would be copied; nothing is sent. */
  dryRun?: boolean;
  signal?: AbortSignal | undefined;
  /** Called with the bytes of the pack so far. */
  onProgress?: (bytes: number) => void;
  onPhase?: (phase: Phase) => void;
}

export interface Copied {
  /** Refs that the target now has as the source has them; in a dry run those that it would get. */
  copied: string[];
  /** Refs that it had already. */
  unchanged: string[];
  refused: { name: string; reason: string }[];
  /** What the target said during the push: where it refuses something, often why. */
  said: string[];
  /** Refs of the target that the source does not have; they were not touched. */
  kept: string[];
}

/**
 * Copies one repository into another, one way: what the source has more flows straight into the target. Nothing is
 * removed there, and refs only move forward unless a pattern allows more.
 */
export async function copyRepository(request: CopyRequest): Promise<Copied> {
  const { from, to } = request;
  const [listed, target] = await Promise.all([listRefs(from), listForPush(to)]);
  if (listed.objectFormat !== target.objectFormat)
    throw new HoldfastError(
      'SourceUnsupported',
      `${to.address} names objects by ${target.objectFormat}, ${from.address} by ${listed.objectFormat}`,
    );
  const isHidden = refMatcher(request.hidden);
  const isForced = refMatcher(request.force);
  const wanted = [...selectRefs(listed.refs, request.refs).taken].filter(([name]) => !isHidden(name));
  const unchanged = wanted.filter(([name, oid]) => target.refs.get(name) === oid).map(([name]) => name);
  const offer = await offerOf(from, listed);
  const updates: RefUpdate[] = [];
  const refused: Copied['refused'] = [];
  for (const [name, oid] of wanted) {
    throwIfInterrupted(request.signal);
    const before = target.refs.get(name);
    if (before === oid) continue;
    if (before === undefined || isForced(name) || (await movesForward(from, offer, name, before, oid)))
      updates.push({ name, from: before, to: oid });
    else refused.push({ name, reason: 'it is not a fast-forward; --force allows it' });
  }
  const copied: string[] = [];
  const said: string[] = [];
  if (request.dryRun === true) copied.push(...updates.map(({ name }) => name));
  else if (updates.length > 0) {
    const { answers, said: remarks } = await transfer(request, offer, target, updates);
    said.push(...remarks);
    for (const { name } of updates) {
      const answer = answers.get(name);
      if (answer?.ok === false) refused.push({ name, reason: answer.reason });
      else copied.push(name);
    }
  }
  return { copied, unchanged, refused, said, kept: [...target.refs.keys()].filter((name) => !listed.refs.has(name)) };
}

async function movesForward(
  from: Transport,
  offer: Advertisement,
  name: string,
  before: string,
  after: string,
): Promise<boolean> {
  // A tag that is moved is another tag.
  if (!name.startsWith('refs/heads/')) return false;
  return isAncestor(from, offer, before, after).catch((error: unknown) => {
    // The source does not know the commit at all: it was made at the target.
    if (hasCode(error, 'RefMoved', 'RemoteRefused')) return false;
    throw error;
  });
}

async function transfer(
  request: CopyRequest,
  offer: Advertisement,
  target: Advertisement,
  updates: RefUpdate[],
): Promise<PushOutcome> {
  const { from, to, refsPerPush, signal, onProgress, onPhase } = request;
  const held = new Set(target.refs.values());
  const wants = [...new Set(updates.map((update) => update.to ?? ''))].filter((oid) => !held.has(oid));
  const send = (pack: PackSource): Promise<PushOutcome> => pushInBatches(to, target, updates, pack, refsPerPush);
  if (wants.length === 0) return send(packOfNothing(target.objectFormat));
  const fetch: FetchRequest = { wants, haves: [...held], offsetDeltas: target.capabilities.has('ofs-delta') };
  const flow = async <T>(consume: (chunks: AsyncIterable<Buffer>) => Promise<T>): Promise<T> => {
    let bytes = 0;
    onPhase?.('waiting for the server');
    const [, consumed] = await pipe(
      (sink) =>
        fetchOffered(from, offer, fetch, (chunk) => {
          throwIfInterrupted(signal);
          if (bytes === 0) onPhase?.('receiving');
          onProgress?.((bytes += chunk.length));
          return sink(chunk);
        }).then((info) => {
          onPhase?.('waiting for the server');
          return info;
        }),
      (chunks) => consume(copiesOf(chunks)),
    );
    return consumed;
  };
  if (!request.needsLength) return flow((chunks) => send({ length: undefined, chunks }));
  return withScratchFolder('copy', async (folder) => {
    const file = path.join(folder, 'whole.pack');
    await flow((chunks) => pipeline(chunks, createWriteStream(file)));
    return send({ length: (await stat(file)).size, chunks: createReadStream(file) });
  });
}

/** The bytes of a fetch are only valid until the next are requested, and the sender reads ahead. */
async function* copiesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}
