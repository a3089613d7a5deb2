import type { Advertisement } from './advertisement.ts';
import { fetchOffered } from './fetch.ts';
import type { Transport } from './transport.ts';

/**
 * Whether one commit is part of another's history, asked of the server without taking any of it: a fetch that wants
 * the old commit and has the new one brings an empty pack exactly if the new one's history holds the old. Only the
 * twelve bytes of the pack's header are read. A server that no longer has the old commit has answered too.
 * @param offer what `offerOf` answered
 */
export async function isAncestor(
  transport: Transport,
  offer: Advertisement,
  older: string,
  newer: string,
): Promise<boolean> {
  const header: Buffer[] = [];
  try {
    await fetchOffered(transport, offer, { wants: [older], haves: [newer], offsetDeltas: true }, (bytes) => {
      header.push(Buffer.from(bytes));
      if (Buffer.concat(header).length >= 12) throw new SeenEnough();
      return undefined;
    });
  } catch (error) {
    if (!(error instanceof SeenEnough)) throw error;
  }
  return Buffer.concat(header).readUInt32BE(8) === 0;
}

class SeenEnough extends Error {}
