import { HoldfastError } from '#core/runtime/errors.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import type { ObjectFormat } from './object-format.ts';
import { isOid } from './object-format.ts';
import { readPackets, textOf, throwOnErrorLine } from './pkt-line.ts';
import { isRefName, type Head, type Refs } from './refs.ts';

/** What a server says before anything is asked: gitprotocol-pack, "Reference Discovery"; gitprotocol-v2. */
export interface Advertisement {
  /** The protocol that the server chose. With 2 there are no refs here, only capabilities. */
  version: 0 | 1 | 2;
  capabilities: Capabilities;
  objectFormat: ObjectFormat;
  refs: Map<string, string>;
  /** Annotated tags: ref name → the object that the tag finally points to. */
  peeled: Map<string, string>;
  head: Head;
  /** Names that no repository may hold; they are left out. */
  invalidNames: string[];
  /** The server's repository has only a part of its history. */
  shallow: boolean;
}

/** Capability → its values; a capability without value has an empty list. */
export type Capabilities = ReadonlyMap<string, readonly string[]>;

/** Reads an advertisement of any protocol version. */
export async function readAdvertisement(chunks: AsyncIterable<Uint8Array>): Promise<Advertisement> {
  const lines = await advertisedLines(chunks);
  if (lines[0] === 'version 2') return capabilitiesOnly(lines.slice(1));
  const version = lines[0] === 'version 1' ? 1 : 0;
  return refsAndCapabilities(version === 1 ? lines.slice(1) : lines, version);
}

async function advertisedLines(chunks: AsyncIterable<Uint8Array>): Promise<string[]> {
  const lines: string[] = [];
  let announced = false;
  let ended = false;
  for await (const packet of readPackets(chunks)) {
    if (packet.type === 'data') {
      const text = textOf(packet.payload);
      throwOnErrorLine(text);
      if (lines.length === 0 && text.startsWith('# service=')) announced = true;
      else lines.push(text);
    } else if (packet.type === 'flush') {
      // Over HTTP a flush follows the name of the service, and the advertisement begins after it.
      if (announced && lines.length === 0 && !ended) announced = false;
      else ended = true;
    }
  }
  if (!ended) throw new HoldfastError('Truncated', 'the list of refs ended before its end', { transient: true });
  return lines;
}

function capabilitiesOnly(lines: string[]): Advertisement {
  const capabilities = new Map<string, string[]>();
  for (const line of lines) {
    const [name, value] = splitOnce(line, '=');
    capabilities.set(name, value === undefined ? [] : value.split(' '));
  }
  return {
    version: 2,
    capabilities,
    objectFormat: objectFormatOf(capabilities),
    refs: new Map(),
    peeled: new Map(),
    head: { type: 'absent' },
    invalidNames: [],
    shallow: false,
  };
}

function refsAndCapabilities(lines: string[], version: 0 | 1): Advertisement {
  const [first, capabilityText = ''] = splitOnce(lines[0] ?? '', '\0');
  const capabilities = parseCapabilities(capabilityText);
  const objectFormat = objectFormatOf(capabilities);
  const refs = new Map<string, string>();
  const peeled = new Map<string, string>();
  const invalidNames: string[] = [];
  let headOid: string | undefined;
  let shallow = false;
  for (const line of lines.length === 0 ? [] : [first, ...lines.slice(1)]) {
    if (line.startsWith('shallow ')) {
      shallow = true;
      continue;
    }
    const [oid, name = ''] = splitOnce(line, ' ');
    if (!isOid(oid, objectFormat) || name === '')
      throw new HoldfastError(
        'ProtocolViolation',
        `the list of refs holds a line that is none: ${JSON.stringify(serverMessage(line).slice(0, 100))}`,
      );
    // What a server without refs sends so that it can still name its capabilities.
    if (name === 'capabilities^{}') continue;
    if (name === 'HEAD') headOid = oid;
    else if (name.endsWith('^{}')) peeled.set(name.slice(0, -3), oid);
    else if (isRefName(name)) refs.set(name, oid);
    else invalidNames.push(name);
  }
  return {
    version,
    capabilities,
    objectFormat,
    refs,
    peeled,
    head: headOf(headOid, capabilities, refs),
    invalidNames,
    shallow,
  };
}

function headOf(oid: string | undefined, capabilities: Capabilities, refs: Refs): Head {
  const symref = (capabilities.get('symref') ?? []).find((value) => value.startsWith('HEAD:'));
  const ref = symref?.slice('HEAD:'.length);
  if (oid === undefined) return ref !== undefined && isRefName(ref) ? { type: 'unborn', ref } : { type: 'absent' };
  // The list is not made in one moment: where HEAD and its branch differ, the branch is what is fetched. And a branch
  // that is hidden is not fetched at all, so that only HEAD itself brings its commit.
  const tip = ref === undefined ? undefined : refs.get(ref);
  return ref !== undefined && tip !== undefined ? { type: 'branch', ref, oid: tip } : { type: 'detached', oid };
}

function parseCapabilities(text: string): Map<string, string[]> {
  const capabilities = new Map<string, string[]>();
  for (const word of text.split(' ').filter(Boolean)) {
    const [name, value] = splitOnce(word, '=');
    capabilities.set(name, [...(capabilities.get(name) ?? []), ...(value === undefined ? [] : [value])]);
  }
  return capabilities;
}

function objectFormatOf(capabilities: Capabilities): ObjectFormat {
  const name = capabilities.get('object-format')?.[0] ?? 'sha1';
  if (name === 'sha1' || name === 'sha256') return name;
  throw new HoldfastError(
    'SourceUnsupported',
    `the repository names its objects by ${JSON.stringify(serverMessage(name))}, which is unknown here`,
  );
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
