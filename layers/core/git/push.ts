import { HoldfastError } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/http.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import { userAgent } from '#core/runtime/version.ts';
import { readAdvertisement, type Advertisement } from './advertisement.ts';
import { emptyPack } from './empty-pack.ts';
import { zeroOid, type ObjectFormat } from './object-format.ts';
import { flush, pktLine, readPackets, textOf, throwOnErrorLine } from './pkt-line.ts';
import { SideBand } from './side-band.ts';
import type { Transport } from './transport.ts';

const service = 'git-receive-pack';

/** One ref as it shall become. */
export interface RefUpdate {
  name: string;
  /** What the target has now; undefined where it has no such ref. */
  from: string | undefined;
  /** What it shall have; undefined removes it. */
  to: string | undefined;
}

/** Ref name → `ok`, or the target's reason for refusing. */
export type PushOutcome = Map<string, { ok: true } | { ok: false; reason: string }>;

export interface PackSource {
  /** Bytes of the pack, exactly; undefined where nobody knows them yet, which not every server bears. */
  length: number | undefined;
  chunks: AsyncIterable<Uint8Array>;
}

/** What the target holds now, and what it can do. */
export async function listForPush(transport: Transport): Promise<Advertisement> {
  return readAdvertisement(await transport.advertisement(service, 0));
}

/**
 * Pushes a pack and moves refs (gitprotocol-pack, "Pushing Data"), the pack streaming through. Refs that the target
 * refuses are in the outcome; a pack that it cannot use is an error.
 */
export async function push(
  transport: Transport,
  target: Advertisement,
  updates: readonly RefUpdate[],
  pack: PackSource,
): Promise<PushOutcome> {
  if (!target.capabilities.has('report-status'))
    throw new HoldfastError(
      'SourceUnsupported',
      `${transport.address} cannot report which refs it took, so a push to it proves nothing`,
    );
  const sideBanded = target.capabilities.has('side-band-64k');
  const commands = commandLines(target, updates, sideBanded);
  const needsPack = updates.some((update) => update.to !== undefined);
  const answer = await transport.exchange(service, 0, {
    length: needsPack ? sum(commands.length, pack.length) : commands.length,
    chunks: needsPack ? commandsThenPack(commands, pack.chunks) : [commands],
  });
  return readReport(answer, sideBanded, updates, transport.address);
}

/**
 * Pushes where one push may change only so many refs: the first brings all objects, and the others move refs alone.
 * @param most how many refs at a time
 */
export async function pushInBatches(
  transport: Transport,
  target: Advertisement,
  updates: readonly RefUpdate[],
  pack: PackSource,
  most = Infinity,
): Promise<PushOutcome> {
  const outcome = await push(transport, target, updates.slice(0, most), pack);
  for (let at = most; at < updates.length; at += most) {
    const nothing = packOfNothing(target.objectFormat);
    for (const [name, answer] of await push(transport, target, updates.slice(at, at + most), nothing))
      outcome.set(name, answer);
  }
  return outcome;
}

/** For refs that move among what the target has: Git wants a pack all the same. */
export function packOfNothing(format: ObjectFormat): PackSource {
  const bytes = emptyPack(format);
  return { length: bytes.length, chunks: streamOf(bytes) };
}

function sum(known: number, other: number | undefined): number | undefined {
  return other === undefined ? undefined : known + other;
}

async function* streamOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

function commandLines(target: Advertisement, updates: readonly RefUpdate[], sideBanded: boolean): Buffer {
  const zero = zeroOid(target.objectFormat);
  const spoken = ['report-status'];
  if (sideBanded) spoken.push('side-band-64k');
  if (target.capabilities.has('object-format')) spoken.push(`object-format=${target.objectFormat}`);
  if (target.capabilities.has('agent')) spoken.push(`agent=${userAgent}`);
  const lines = updates.map(({ name, from, to }, index) =>
    pktLine(`${from ?? zero} ${to ?? zero} ${name}${index === 0 ? `\0 ${spoken.join(' ')}` : ''}`),
  );
  return Buffer.concat([...lines, flush]);
}

async function* commandsThenPack(commands: Buffer, pack: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield commands;
  yield* pack;
}

async function readReport(
  answer: AsyncIterable<Buffer>,
  sideBanded: boolean,
  updates: readonly RefUpdate[],
  address: string,
): Promise<PushOutcome> {
  const report = sideBanded ? reportOf(answer) : answer;
  const outcome: PushOutcome = new Map();
  let unpacked: string | undefined;
  for await (const packet of readPackets(report)) {
    if (packet.type !== 'data') continue;
    const text = textOf(packet.payload);
    throwOnErrorLine(text);
    const [word = '', ref = ''] = text.split(' ', 2);
    if (word === 'unpack') unpacked = serverMessage(text.slice('unpack '.length));
    else if (word === 'ok') outcome.set(ref, { ok: true });
    else if (word === 'ng') outcome.set(ref, { ok: false, reason: serverMessage(text.slice(`ng ${ref} `.length)) });
  }
  if (unpacked === undefined)
    throw new HoldfastError('Truncated', `${address} did not report what became of the push`, { transient: true });
  if (unpacked !== 'ok') throw new HoldfastError('RemoteRefused', `${address} could not use the pack: ${unpacked}`);
  for (const { name } of updates)
    if (!outcome.has(name)) outcome.set(name, { ok: false, reason: 'the target did not say what became of it' });
  return outcome;
}

async function* reportOf(answer: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const sideBand = new SideBand();
  const collected = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of answer) for (const bytes of sideBand.pack(chunk)) yield Buffer.from(bytes);
  };
  yield await readWhole(collected(), 64 << 20, 'the report of the push');
  sideBand.finish();
}
