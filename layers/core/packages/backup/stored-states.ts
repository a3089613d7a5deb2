import { parseClaimKey, parseSnapshotKey, type ClaimKey, type SnapshotId } from '#core/vault/layout.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

/** What a vault holds of one item, known from keys alone. */
export interface StoredState {
  newest: SnapshotId;
  /** The digest of the state that the newest snapshot is of; undefined where only its manifest can tell. */
  state: string | undefined;
}

/** Gathers the keys of one item as they are listed. */
interface Gathered {
  item: string;
  newest: SnapshotId | undefined;
  damaged: boolean;
  claims: ClaimKey[];
}

/**
 * The states of all versions of a package, by the prefix of their items: one list instead of a request for each version.
 * @param prefix of the package
 */
export async function storedStates(vault: Vault, prefix: string): Promise<Map<string, StoredState>> {
  const states = new Map<string, StoredState>();
  let current: Gathered | undefined;
  const close = (): void => {
    if (current?.newest === undefined) return;
    states.set(current.item, { newest: current.newest, state: current.damaged ? undefined : stateOf(current) });
  };
  for await (const { key } of vault.list(prefix)) {
    const claim = parseClaimKey(key);
    const place = parseSnapshotKey(key);
    const item = claim?.item ?? place?.item;
    // The package's own snapshots lie between those of its versions.
    if (item === undefined || item === prefix) continue;
    if (current?.item !== item) {
      close();
      current = { item, newest: undefined, damaged: false, claims: [] };
    }
    if (claim) current.claims.push(claim);
    else if (place?.name === 'manifest.json') {
      current.newest = place.snapshot;
      current.damaged = false;
    } else if (place && /^check-.*-damaged\.json$/.test(place.name)) current.damaged = true;
  }
  close();
  return states;
}

/** The newest snapshot is of the latest claim before it, where there is only one that says so. */
function stateOf({ newest = '', claims }: Gathered): string | undefined {
  const before = claims.filter(({ after = '' }) => after < newest);
  const latest = before
    .map(({ after = '' }) => after)
    .sort()
    .at(-1);
  const [only, ...others] = before.filter(({ after = '' }) => after === latest);
  return others.length === 0 ? only?.state : undefined;
}
