import { createHash } from 'node:crypto';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Vault } from '../storage/vault.ts';

/** The SHA-256 of whole objects by their keys, in hexadecimal: what `sha256sum` prints, and `sha256sum --check` reads. */
export type Digests = ReadonlyMap<string, string>;

/** No key of a vault holds anything that `sha256sum` would escape: vault/key-escape.ts. */
const line = /^([0-9a-f]{64}) {2}([^\\\n]+)$/;

export function writeDigestList(digests: Digests): string {
  return sortedLines(digests).join('');
}

/** @throws {HoldfastError} Damaged */
export function parseDigestList(text: string, key: string): Map<string, string> {
  const digests = new Map<string, string>();
  if (text === '') return digests;
  if (!text.endsWith('\n')) throw damaged(key);
  for (const one of text.slice(0, -1).split('\n')) {
    const [, digest, name] = line.exec(one) ?? [];
    if (digest === undefined || name === undefined || digests.has(name)) throw damaged(key);
    digests.set(name, digest);
  }
  return digests;
}

/** One digest over many: that of the list which has them, in byte order of their keys. */
export function digestOver(digests: Digests): string {
  const hash = createHash('sha256');
  for (const one of sortedLines(digests)) hash.update(one);
  return hash.digest('hex');
}

/** Keys are ASCII, so the order of their characters is that of their bytes. */
function sortedLines(digests: Digests): string[] {
  return [...digests.keys()].sort().map((key) => `${digests.get(key)}  ${key}\n`);
}

/**
 * The SHA-256 of an object as it is stored, in flat memory.
 * @throws {HoldfastError} NotFound
 */
export async function digestOf(vault: Vault, key: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of vault.read(key)) hash.update(chunk);
  return hash.digest('hex');
}

function damaged(key: string): HoldfastError {
  return new HoldfastError('Damaged', `${key} is not a list of digests`);
}
