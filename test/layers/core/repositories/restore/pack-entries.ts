/** Looks into packs by the letter of gitformat-pack, for what only their entries tell. */
import { readFile } from 'node:fs/promises';
import { inflateSync, type Inflate } from 'node:zlib';

const byOffset = 6;
const byId = 7;

/** How many deltas a bundle's pack has, by the way in which they name their base. */
export async function deltasIn(bundle: string): Promise<{ byOffset: number; byId: number }> {
  const bytes = await readFile(bundle);
  const pack = bytes.subarray(bytes.indexOf('\n\n') + 2);
  const types: number[] = [];
  let at = 12;
  for (let left = pack.readUInt32BE(8); left > 0; left--) {
    const type = ((pack[at] ?? 0) >> 4) & 7;
    types.push(type);
    at = afterVarint(pack, at);
    if (type === byOffset) at = afterVarint(pack, at);
    if (type === byId) at += 20;
    at += deflatedBytes(pack.subarray(at));
  }
  const count = (wanted: number): number => types.filter((type) => type === wanted).length;
  return { byOffset: count(byOffset), byId: count(byId) };
}

/** Numbers of any length: each byte but the last has its highest bit set. */
function afterVarint(pack: Buffer, at: number): number {
  while ((pack[at++] ?? 0) >= 0x80);
  return at;
}

function deflatedBytes(bytes: Buffer): number {
  // Typed for the buffer alone, which is all that comes without `info`.
  const { engine } = inflateSync(bytes, { info: true }) as unknown as { engine: Inflate };
  return engine.bytesWritten;
}
