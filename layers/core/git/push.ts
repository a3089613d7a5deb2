import { HoldfastError } from '#core/runtime/errors.ts';
import { readWhole } from '#core/runtime/read-whole.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import { userAgent } from '#core/runtime/version.ts';
import { readAdvertisement, type Advertisement } from './advertisement.ts';
import { emptyPack } from './empty-pack.ts';
import { zeroOid, type ObjectFormat } from './object-format.ts';
import { flush, pktLine, readPackets, textOf, throwOnErrorLine } from './pkt-line.ts';
import { bytesOfName, nameOfBytes } from './refs.ts';
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

export interface PushOutcome {
  /** Ref name → `ok`, or the target's reason for refusing. */
  answers: Map<string, { ok: true } | { ok: false; reason: string }>;
  /** Other messages of the target, which git shows as `remote:`. In these a hook or a check says why it refused. */
  said: string[];
}

export interface PackSource {
  /** Bytes of the pack, exactly; undefined if not known yet, which not every server accepts. */
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
      `${transport.address} cannot report which refs it accepted, so a push to it cannot be verified`,
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
    const { answers, said } = await push(transport, target, updates.slice(at, at + most), nothing);
    for (const [name, answer] of answers) outcome.answers.set(name, answer);
    outcome.said.push(...said.filter((line) => !outcome.said.includes(line)));
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
    pktLine(bytesOfName(`${from ?? zero} ${to ?? zero} ${name}${index === 0 ? `\0 ${spoken.join(' ')}` : ''}`)),
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
  const sideBand = new SideBand();
  const answers: PushOutcome['answers'] = new Map();
  let unpacked: string | undefined;
  for await (const packet of readPackets(sideBanded ? reportOf(answer, sideBand) : answer)) {
    if (packet.type !== 'data') continue;
    throwOnErrorLine(textOf(packet.payload));
    const [word, name, reason] = reportLine(packet.payload);
    if (word === 'unpack') unpacked = serverMessage(`${name} ${reason}`);
    else if (word === 'ok') answers.set(name, { ok: true });
    else if (word === 'ng') answers.set(name, { ok: false, reason: serverMessage(reason) });
  }
  const said = sideBand.remarks;
  if (unpacked === undefined)
    throw new HoldfastError('Truncated', `${address} did not report the result of the push`, { transient: true });
  if (unpacked !== 'ok') {
    const why = [unpacked, ...said].join('; ').slice(0, longestRefusal);
    throw new HoldfastError('RemoteRefused', `${address} could not use the pack: ${why}`, {
      advice: adviceOnRefusal(said),
    });
  }
  for (const { name } of updates)
    if (!answers.has(name)) answers.set(name, { ok: false, reason: 'the target did not report a result for it' });
  return { answers, said };
}

/** In characters. */
const longestRefusal = 2_000;

/** A word, the name of a ref, and what follows. */
function reportLine(payload: Buffer): [string, string, string] {
  const bytes = payload.at(-1) === 0x0a ? payload.subarray(0, -1) : payload;
  const first = indexOrEnd(bytes, 0);
  const second = indexOrEnd(bytes, first + 1);
  return [
    bytes.toString('latin1', 0, first),
    nameOfBytes(bytes.subarray(first + 1, second)),
    textOf(bytes.subarray(second + 1)),
  ];
}

/** Of the next space. */
function indexOrEnd(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(0x20, from);
  return at < 0 ? bytes.length : at;
}

/** What to do where the target says why it refuses; nothing where its words are all that there is. */
export function adviceOnRefusal(said: readonly string[]): string | undefined {
  // GitHub (GH008) and GitLab refuse commits that refer to large files which they do not have.
  if (said.some((line) => /GH008|git[- ]?lfs|LFS objects/i.test(line)))
    return 'Its large files are in Git LFS, which is not part of a backup. Upload them to the target first, by: git lfs push --all. Or turn LFS off there.';
  if (said.some((line) => /GH001|exceeds .*(file )?size|too large/i.test(line)))
    return 'The target has a limit on sizes: raise it there, or restore to another server or into a folder.';
  // https://git-scm.com/docs/git-fsck, "fsck.<msg-id>": what old programs wrote into histories.
  if (said.some((line) => /^(error|fatal|warning): object [0-9a-f]+: \w+/.test(line) || /fsck error/.test(line)))
    return 'The target checks objects more strictly than the source did: turn receive.fsckObjects off there for this restore, or restore into a folder.';
  return undefined;
}

async function* reportOf(answer: AsyncIterable<Buffer>, sideBand: SideBand): AsyncGenerator<Buffer> {
  const collected = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of answer) for (const bytes of sideBand.pack(chunk)) yield Buffer.from(bytes);
  };
  yield await readWhole(collected(), 64 << 20, 'the report of the push');
  sideBand.finish();
}
