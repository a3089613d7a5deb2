import { HoldfastError } from '#core/runtime/errors.ts';
import { serverMessage } from '#core/runtime/server-message.ts';
import type { ObjectFormat } from './object-format.ts';
import { isOid } from './object-format.ts';
import { readPackets, throwOnErrorLine } from './pkt-line.ts';
import { limitedList, notOfARef, RefCollector, violation, type RefList } from './ref-list.ts';
import { isRefName, nameOfBytes, textOfBytes, type Head, type Refs } from './refs.ts';

/** What a server says before anything is asked: gitprotocol-pack, "Reference Discovery"; gitprotocol-v2. */
export interface Advertisement extends RefList {
  /** The protocol that the server chose. With 2 there are no refs here, only capabilities. */
  version: 0 | 1 | 2;
  capabilities: Capabilities;
  objectFormat: ObjectFormat;
  /** The server's repository has only a part of its history. */
  shallow: boolean;
}

/** Capability → its values; a capability without value has an empty list. */
export type Capabilities = ReadonlyMap<string, readonly string[]>;

/** Reads an advertisement of any protocol version. */
export async function readAdvertisement(chunks: AsyncIterable<Uint8Array>): Promise<Advertisement> {
  const reading = new Reading();
  for await (const packet of readPackets(limitedList(chunks))) {
    if (packet.type === 'data') reading.line(packet.payload);
    else if (packet.type === 'flush') reading.flush();
  }
  return reading.finish();
}

/** Takes line after line, and keeps only what each of them says. */
class Reading {
  #announced = false;
  #ended = false;
  /** Flushes and empty lines. */
  #empty = 0;
  /** Undefined until the first line. */
  #version: 0 | 1 | 2 | undefined;
  #capabilities: Map<string, string[]> | undefined;
  #objectFormat: ObjectFormat = 'sha1';
  readonly #list = new RefCollector();
  #shallow = false;

  flush(): void {
    // Over HTTP a flush follows the name of the service, and the advertisement begins after it.
    if (this.#announced && this.#version === undefined && !this.#ended) this.#announced = false;
    else this.#ended = true;
    this.#countEmpty();
  }

  line(payload: Buffer): void {
    if (payload.length === 0) {
      this.#countEmpty();
      return;
    }
    if (this.#ended) throw violation('sent more after the end of its list of refs');
    const bytes = payload.at(-1) === lineFeed ? payload.subarray(0, -1) : payload;
    if (bytes[0] === firstOfError) throwOnErrorLine(textOfBytes(bytes));
    if (this.#version === undefined && this.#isPreface(bytes.toString('latin1'))) return;
    if (this.#version === 2) this.#capability(bytes.toString('utf8'));
    else this.#ref(bytes);
  }

  finish(): Advertisement {
    if (!this.#ended) throw new HoldfastError('Truncated', 'the list of refs is cut off', { transient: true });
    const capabilities = this.#capabilities ?? new Map<string, string[]>();
    if (this.#version === 2) this.#objectFormat = objectFormatOf(capabilities);
    return {
      version: this.#version ?? 0,
      capabilities,
      objectFormat: this.#objectFormat,
      ...this.#list.collected,
      head: this.#version === 2 ? { type: 'absent' } : headOf(this.#list.headOid, capabilities, this.#list.refs),
      shallow: this.#shallow,
    };
  }

  /** Whether the line stands before the list itself. */
  #isPreface(text: string): boolean {
    if (text.startsWith('# service=')) {
      this.#announced = true;
      return true;
    }
    this.#version = text === 'version 2' ? 2 : text === 'version 1' ? 1 : 0;
    return this.#version !== 0;
  }

  #capability(text: string): void {
    const [name, value] = splitOnce(text, '=');
    this.#capabilities ??= new Map();
    this.#capabilities.set(name, value === undefined ? [] : value.split(' '));
  }

  #ref(line: Buffer): void {
    this.#version ??= 0;
    let bytes = line;
    if (!this.#capabilities) {
      const zero = line.indexOf(0);
      this.#capabilities = parseCapabilities(zero < 0 ? Buffer.alloc(0) : line.subarray(zero + 1));
      this.#objectFormat = objectFormatOf(this.#capabilities);
      if (zero >= 0) bytes = line.subarray(0, zero);
    }
    const space = bytes.indexOf(0x20);
    const oid = bytes.toString('latin1', 0, Math.max(0, space));
    if (oid === 'shallow') {
      this.#shallow = true;
      return;
    }
    if (space < 0 || !isOid(oid, this.#objectFormat) || space === bytes.length - 1) throw notOfARef(bytes);
    this.#list.add(nameOfBytes(bytes.subarray(space + 1)), oid);
  }

  /** They add nothing that would ever be too much, so that a server could send them for ever. */
  #countEmpty(): void {
    if (this.#empty++ > mostEmpty) throw violation('sent nothing but empty lines');
  }
}

const lineFeed = 0x0a;

/** Of `ERR`. */
const firstOfError = 0x45;

/** One flush or two are usual. */
const mostEmpty = 100;

function headOf(oid: string | undefined, capabilities: Capabilities, refs: Refs): Head {
  const symref = (capabilities.get('symref') ?? []).find((value) => value.startsWith('HEAD:'));
  const ref = symref?.slice('HEAD:'.length);
  if (oid === undefined) return ref !== undefined && isRefName(ref) ? { type: 'unborn', ref } : { type: 'absent' };
  // The list is not made in one moment: where HEAD and its branch differ, the branch is what is fetched. And a branch
  // that is hidden is not fetched at all, so that only HEAD itself brings its commit.
  const tip = ref === undefined ? undefined : refs.get(ref);
  return ref !== undefined && tip !== undefined ? { type: 'branch', ref, oid: tip } : { type: 'detached', oid };
}

function parseCapabilities(bytes: Buffer): Map<string, string[]> {
  const capabilities = new Map<string, string[]>();
  for (const bare of bytes.toString('latin1').split(' ').filter(Boolean)) {
    // The name of a branch is among them, which may be any bytes.
    const word = nameOfBytes(Buffer.from(bare, 'latin1'));
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
    `the repository names its objects by ${JSON.stringify(serverMessage(name))}, which is not supported`,
  );
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
