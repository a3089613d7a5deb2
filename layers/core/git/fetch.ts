import { HoldfastError } from '#core/runtime/errors.ts';
import { YoungGarbage } from '#core/runtime/minor-gc.ts';
import { userAgent } from '#core/runtime/version.ts';
import type { Advertisement, Capabilities } from './advertisement.ts';
import { readAdvertisement } from './advertisement.ts';
import { HeadOfAnswer } from './fetch-response.ts';
import type { ObjectFormat } from './object-format.ts';
import { PackChecker, type PackInfo } from './pack-checker.ts';
import { delimiter, flush, pktLine } from './pkt-line.ts';
import { readRefList, type RefList } from './ref-list.ts';
import { SideBand } from './side-band.ts';
import type { RequestBody, Transport } from './transport.ts';

const service = 'git-upload-pack';

/** What is asked of the server. Both lists hold object ids, without duplicates. */
export interface FetchRequest {
  wants: readonly string[];
  /** What is held already. An id that the server does not know does no harm. */
  haves: readonly string[];
  /** Whether deltas may name their base by its place in the pack; Git's packs usually do. */
  offsetDeltas: boolean;
  /** Which objects may be left out, as `git rev-list --filter` writes it. Where the server cannot, it sends all. */
  filter?: string | undefined;
}

/** Takes pack bytes; a promise says when to go on. The bytes are only valid until then. */
export type PackSink = (bytes: Buffer) => Promise<void> | undefined;

/**
 * Lists all refs by one request of protocol 0: protocol 2 would take two. Only where the server says nothing of HEAD (an
 * unborn branch, an empty repository) is the list asked for once more, since only protocol 2 tells of such a HEAD. Then
 * that list counts: a HEAD of one moment beside refs of another may be a state that never was.
 */
export async function listRefs(transport: Transport): Promise<Advertisement> {
  const advertisement = await readAdvertisement(await transport.advertisement(service, 0));
  if (advertisement.version === 2)
    throw new HoldfastError('ProtocolViolation', `${transport.address} answers with a protocol that was not requested`);
  if (advertisement.shallow)
    throw new HoldfastError('SourceUnsupported', `${transport.address} is a shallow copy: its history is cut off`, {
      advice: 'Back up the repository that it was cloned from, or complete it with: git fetch --unshallow',
    });
  if (advertisement.head.type !== 'absent') return advertisement;
  return { ...advertisement, ...(await listWithUnborn(transport)) };
}

/** All refs and where a HEAD points that has no commit yet (gitprotocol-v2, `ls-refs`, "unborn"). */
async function listWithUnborn(transport: Transport): Promise<RefList | undefined> {
  const { version, capabilities, objectFormat } = await readAdvertisement(await transport.advertisement(service, 2));
  if (version !== 2 || capabilities.get('ls-refs')?.includes('unborn') !== true) return undefined;
  const lines = [
    ...commandLines('ls-refs', capabilities, objectFormat),
    delimiter,
    pktLine('peel\n'),
    pktLine('symrefs\n'),
    pktLine('unborn\n'),
    flush,
  ];
  return readRefList(await transport.exchange(service, 2, requestBody(lines)), objectFormat);
}

/** What a server offers for a fetch: protocol 2 with its capabilities where it speaks it, else the one of the list. */
export async function offerOf(transport: Transport, listed: Advertisement): Promise<Advertisement> {
  const offered = await readAdvertisement(await transport.advertisement(service, 2));
  return offered.version === 2 && offered.capabilities.has('fetch') ? offered : listed;
}

/**
 * Fetches one pack and hands its bytes to the sink as they come. Returns only when the pack was whole and matched
 * its hash; whatever the sink was given before an error must be thrown away.
 * @param listed the advertisement of protocol 0 from which the wants were taken
 */
export async function fetchPack(
  transport: Transport,
  listed: Advertisement,
  request: FetchRequest,
  sink: PackSink,
): Promise<PackInfo> {
  return fetchOffered(transport, await offerOf(transport, listed), request, sink);
}

/** Whether a pack that is fetched so may hold deltas by offset. */
export function allowsOffsetDeltas(
  offer: Advertisement,
  { offsetDeltas }: Pick<FetchRequest, 'offsetDeltas'>,
): boolean {
  return offsetDeltas && (offer.version === 2 || offer.capabilities.has('ofs-delta'));
}

/** `fetchPack` from what `offerOf` answered, which serves any number of fetches. */
export async function fetchOffered(
  transport: Transport,
  offer: Advertisement,
  request: FetchRequest,
  sink: PackSink,
): Promise<PackInfo> {
  if (request.wants.length === 0) throw new RangeError('a fetch needs at least one want');
  const pack = await (offer.version === 2 ? fetchVersion2 : fetchVersion0)(transport, offer, request, sink);
  if (pack.objects === 0 && request.haves.length === 0)
    throw new HoldfastError('Corrupt', 'the Git server sent a pack without objects although nothing was held', {
      transient: true,
    });
  return pack;
}

async function fetchVersion2(
  transport: Transport,
  offered: Advertisement,
  request: FetchRequest,
  sink: PackSink,
): Promise<PackInfo> {
  const lines = [
    ...commandLines('fetch', offered.capabilities, offered.objectFormat),
    delimiter,
    pktLine('no-progress\n'),
    ...filterLine(offered.capabilities.get('fetch')?.includes('filter') === true, request),
    ...(allowsOffsetDeltas(offered, request) ? [pktLine('ofs-delta\n')] : []),
    ...request.wants.map((oid) => pktLine(`want ${oid}\n`)),
    ...request.haves.map((oid) => pktLine(`have ${oid}\n`)),
    pktLine('done\n'),
    flush,
  ];
  const answer = await transport.exchange(service, 2, requestBody(lines));
  return readPack(answer, offered.objectFormat, new HeadOfAnswer('packfile'), true, sink);
}

/** Protocols 0 and 1: gitprotocol-pack, "Packfile Negotiation", in its shortest form: one round, then `done`. */
async function fetchVersion0(
  transport: Transport,
  listed: Advertisement,
  request: FetchRequest,
  sink: PackSink,
): Promise<PackInfo> {
  const has = (name: string): boolean => listed.capabilities.has(name);
  const sideBand = ['side-band-64k', 'side-band'].find(has);
  const spoken = [
    // One round needs neither, but some servers (Azure DevOps) refuse who does not name it. Their answers differ in
    // words that the reader of the answer passes over.
    ['multi_ack_detailed', 'multi_ack'].find(has),
    sideBand,
    has('no-progress') ? 'no-progress' : undefined,
    allowsOffsetDeltas(listed, request) ? 'ofs-delta' : undefined,
    has('agent') ? `agent=${userAgent}` : undefined,
    has('object-format') ? `object-format=${listed.objectFormat}` : undefined,
    request.filter !== undefined && has('filter') ? 'filter' : undefined,
  ].filter((word) => word !== undefined);
  const lines = [
    ...request.wants.map((oid, index) =>
      pktLine(index === 0 ? `want ${[oid, ...spoken].join(' ')}\n` : `want ${oid}\n`),
    ),
    ...filterLine(has('filter'), request),
    flush,
    ...request.haves.map((oid) => pktLine(`have ${oid}\n`)),
    pktLine('done\n'),
  ];
  const answer = await transport.exchange(service, 0, requestBody(lines));
  return readPack(answer, listed.objectFormat, new HeadOfAnswer('acknowledgements'), sideBand !== undefined, sink);
}

function filterLine(offered: boolean, { filter }: FetchRequest): Buffer[] {
  return offered && filter !== undefined ? [pktLine(`filter ${filter}\n`)] : [];
}

function commandLines(command: string, capabilities: Capabilities, format: ObjectFormat): Buffer[] {
  return [
    pktLine(`command=${command}\n`),
    ...(capabilities.has('agent') ? [pktLine(`agent=${userAgent}\n`)] : []),
    ...(capabilities.has('object-format') ? [pktLine(`object-format=${format}\n`)] : []),
  ];
}

function requestBody(lines: readonly Buffer[]): RequestBody {
  const body = Buffer.concat(lines);
  return { length: body.length, chunks: [body] };
}

async function readPack(
  answer: AsyncIterable<Buffer>,
  format: ObjectFormat,
  head: HeadOfAnswer,
  sideBanded: boolean,
  sink: PackSink,
): Promise<PackInfo> {
  const checker = new PackChecker(format);
  const sideBand = new SideBand();
  const garbage = new YoungGarbage();
  for await (const chunk of answer) {
    garbage.passed(chunk.length);
    const rest = head.ended ? chunk : head.take(chunk);
    if (rest.length === 0) continue;
    for (const bytes of sideBanded ? sideBand.pack(rest) : [rest]) {
      checker.update(bytes);
      const wait = sink(bytes);
      if (wait) await wait;
    }
  }
  if (!head.ended)
    throw new HoldfastError('Truncated', 'the Git server ended its answer before the pack', { transient: true });
  if (sideBanded) sideBand.finish();
  return checker.finish();
}
