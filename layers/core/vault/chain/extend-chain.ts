import pMap from 'p-map';
import { hasCode } from '#core/runtime/errors.ts';
import type { Source } from '../layout.ts';
import type { SnapshotId } from '../snapshot-id.ts';
import type { Vault } from '../storage/vault.ts';
import { chainFiles, isManifest, isReport } from './chain-files.ts';
import { digestOf, writeDigestList } from './digest-list.ts';
import { chainKey, join, manifestsOf, readChain, readList, readsAtOnce, type ChainList } from './read-chain.ts';

/** What the report of a run says of the chain: `chain` in `report.json`. */
export interface ChainLink {
  /** The list of all that came since the lists before it. */
  list: { key: string; sha256: string };
  /** The reports on which this one follows: one, unless runs met. The first in the chain names all of before. */
  before: { key: string; sha256: string }[];
  /** How many snapshots of the source there ought to be. */
  snapshots: number;
  /** One digest over all of their manifests: of the lines `<sha256>  <key>`, in byte order of the keys. */
  manifests: string;
  /** The snapshots among them that are not there: their number. */
  missing: number;
}

/**
 * Makes the next link of a source's chain, and stores its list for the run. Where an earlier attempt of the same run has
 * stored a list, that one stands.
 * @param known the SHA-256 of what the caller has read already, by its key
 */
export async function extendChain(
  vault: Vault,
  source: Source,
  run: SnapshotId,
  known: ReadonlyMap<string, string> = new Map(),
): Promise<ChainLink> {
  const key = chainKey(source, run);
  const chain = await readChain(vault, source);
  const present = new Set<string>();
  for await (const file of chainFiles(vault, source)) present.add(file.key);
  let list = chain.lists.find((one) => one.key === key);
  if (!list) {
    const fresh = [...present].filter((file) => !chain.files.has(file));
    list = await storeList(vault, key, await digestsOf(vault, fresh, known));
    await join(vault, source, chain, list);
  }
  const { snapshots, sha256: manifests } = manifestsOf(chain.files);
  return {
    list: { key, sha256: list.sha256 },
    before: [...list.digests].flatMap(([name, sha256]) => (isReport(name) ? [{ key: name, sha256 }] : [])),
    snapshots,
    manifests,
    missing: [...chain.files.keys()].filter((file) => isManifest(file) && !present.has(file)).length,
  };
}

async function storeList(vault: Vault, key: string, digests: ReadonlyMap<string, string>): Promise<ChainList> {
  try {
    await vault.create(key, Buffer.from(writeDigestList(digests)));
  } catch (error) {
    if (!hasCode(error, 'AlreadyExists')) throw error;
  }
  // What is stored, by whichever attempt, is what counts.
  return readList(vault, { key, modified: new Date() });
}

async function digestsOf(
  vault: Vault,
  keys: readonly string[],
  known: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  await pMap(
    keys,
    async (key) => {
      try {
        digests.set(key, known.get(key) ?? (await digestOf(vault, key)));
      } catch (error) {
        // Retention removed it since it was listed.
        if (!hasCode(error, 'NotFound')) throw error;
      }
    },
    { concurrency: readsAtOnce },
  );
  return digests;
}
