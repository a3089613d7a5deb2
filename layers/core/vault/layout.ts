import { createHash } from 'node:crypto';
import { escapeSegment, unescapeSegment } from './key-escape.ts';
import { isSnapshotId, type SnapshotId } from './snapshot-id.ts';

/** Where things stand in a vault: docs/vault-format.md. The only place that puts keys together or takes them apart. */

/** The name of a source, which is the folder of its items. Which sources there are, those know who read them. */
export type Source = string;

const sourcePattern = /^[a-z][a-z0-9-]*$/;

/** What else has a folder at the top of a vault, and so is not a source. */
const otherFolders = new Set(['checks', 'doctor', 'drills', 'index', 'removed', 'removing', 'runs']);

/** All that a key may take of S3's 1,024 bytes; the rest is left for the vault's own prefix. */
const longestItemPrefix = 700;

/** Where an item's snapshots stand, with a slash at the end. */
export function itemPrefix(source: Source, path: readonly string[]): string {
  if (path.length === 0) throw new RangeError('an item needs a path');
  const whole = `${source}/${path.map(escapeSegment).join('/')}/`;
  if (whole.length <= longestItemPrefix) return whole;
  return `${longItemsPrefix(source)}${createHash('sha256').update(JSON.stringify(path)).digest('hex')}/`;
}

/** The start of the prefixes of items whose path is too long for a key, and is replaced by its digest. */
export function longItemsPrefix(source: Source): string {
  return `${source}/==`;
}

/** Where one snapshot stands, with a slash at the end. */
export function snapshotPrefix(item: string, id: SnapshotId): string {
  return `${item}${id}/`;
}

export function manifestKey(item: string, id: SnapshotId): string {
  return manifestKeyOf(snapshotPrefix(item, id));
}

/** As `manifestKey`, of a snapshot's own prefix. */
export function manifestKeyOf(snapshot: string): string {
  return `${snapshot}manifest.json`;
}

/** A key that no other attempt has, so that a retry never meets what an earlier one left. */
export function dataKey(item: string, id: SnapshotId, attempt: string, name: string): string {
  return `${snapshotPrefix(item, id)}${attempt}-${name}`;
}

/** All that the name of an asset may take of a key. */
const longestAssetName = 130;

/** As `dataKey`, for a file that its registry may call anything; a long name is replaced by its digest. */
export function assetKey(item: string, id: SnapshotId, attempt: string, name: string): string {
  const escaped = escapeSegment(name);
  const short = escaped.length <= longestAssetName;
  return dataKey(item, id, attempt, short ? escaped : `==${createHash('sha256').update(name).digest('hex')}`);
}

export type Verdict = 'intact' | 'damaged';

/**
 * What the last check with this verdict found. It lies outside of the item's prefix, where those who store snapshots
 * may not write, and is replaced by the next check that comes to the same verdict.
 */
export function verdictKey(item: string, id: SnapshotId, verdict: Verdict): string {
  return `${verdictsPrefix(snapshotPrefix(item, id))}${verdict}.json`;
}

/** Where the verdicts on all snapshots below a prefix lie. */
export function verdictsPrefix(prefix: string): string {
  return `checks/${prefix}`;
}

/** A verdict's key, taken apart: the prefix of its snapshot, and what was found. */
export function parseVerdictKey(key: string): { snapshot: string; verdict: Verdict } | undefined {
  const [, prefix = '', verdict] = /^checks\/(.*\/)(intact|damaged)\.json$/.exec(key) ?? [];
  if (verdict !== 'intact' && verdict !== 'damaged') return undefined;
  return { snapshot: prefix, verdict };
}

/** Says that retention is about to remove a snapshot: nothing may come to depend on it any more. */
export function removingKey(item: string, id: SnapshotId): string {
  return `${removingPrefix(item)}${id}`;
}

/** Where such marks on all snapshots below a prefix lie. */
export function removingPrefix(prefix: string): string {
  return `removing/${prefix}`;
}

/** Which snapshots of a source a pass of retention removed. Written before the first of them goes, and kept. */
export function removedKey(source: Source, pass: SnapshotId): string {
  return `${removedPrefix(source)}${pass}.json`;
}

export function removedPrefix(source: Source): string {
  return `removed/${source}/`;
}

/** Where the records of a source's drills lie. */
export function drillsPrefix(source: Source): string {
  return `drills/${source}/`;
}

/**
 * Says under which id the snapshot of a state stands, or will stand: created once by the first to see that state, so
 * that all who see it make one snapshot. For sources whose items have named states.
 * @param after the newest snapshot when the state was seen; undefined for the first
 * @param state its digest, in hexadecimal
 */
export function claimKey(item: string, after: SnapshotId | undefined, state: string): string {
  return `${claimPrefix(item)}${after ?? 'first'}-${state}.json`;
}

/** With what the keys of an item's claims begin. */
export function claimPrefix(item: string): string {
  return `${item}claim-`;
}

/** A claim's key, taken apart. */
export interface ClaimKey {
  item: string;
  after: SnapshotId | undefined;
  state: string;
}

/** Undefined where the key is not a claim's. */
export function parseClaimKey(key: string): ClaimKey | undefined {
  const at = key.lastIndexOf('/') + 1;
  const [, after = '', state = ''] = /^claim-(.+)-([0-9a-f]+)\.json$/.exec(key.slice(at)) ?? [];
  if (after !== 'first' && !isSnapshotId(after)) return undefined;
  return { item: key.slice(0, at), after: after === 'first' ? undefined : after, state };
}

/** Says that an item of this id had snapshots under this path: how a renamed item is found again. */
export function indexKey(source: Source, id: string, item: string): string {
  return `${indexPrefix(source, id)}${item.slice(source.length + 1, -1)}`;
}

/**
 * The same, for storage in which a key may not be another's folder: of the paths of one depth none lies inside another.
 * For an item that has moved below, or above, its own earlier path.
 */
export function indexKeyByDepth(source: Source, id: string, item: string): string {
  const path = item.slice(source.length + 1, -1);
  return `${indexPrefix(source, id)}==${path.split('/').length}/${path}`;
}

export function indexPrefix(source: Source, id: string): string {
  return `${indexRoot(source)}${escapeSegment(id)}/`;
}

export function indexRoot(source: Source): string {
  return `index/${source}/`;
}

/** An index key, taken apart. */
export interface IndexKey {
  /** The escaped id: the same for all paths of an item. */
  id: string;
  item: string;
}

export function parseIndexKey(key: string): IndexKey | undefined {
  const [top, source, id, ...path] = key.split('/');
  if (/^==\d{1,3}$/.test(path[0] ?? '')) path.shift();
  if (top !== 'index' || !isSource(source) || id === undefined || path.length === 0) return undefined;
  return { id, item: `${source}/${path.join('/')}/` };
}

export function runPrefix(source: Source, run: SnapshotId): string {
  return `runs/${source}/${run}/`;
}

/** A key below an item's prefix, taken apart. */
export interface SnapshotKey {
  /** The item's prefix, with a slash at the end. */
  item: string;
  snapshot: SnapshotId;
  /** What follows the snapshot's prefix. */
  name: string;
}

/** Undefined where the key is not below any snapshot. */
export function parseSnapshotKey(key: string): SnapshotKey | undefined {
  const parts = key.split('/');
  if (!isSource(parts[0]) || parts.length < 4) return undefined;
  const snapshot = parts.at(-2) ?? '';
  if (!isSnapshotId(snapshot)) return undefined;
  return { item: `${parts.slice(0, -2).join('/')}/`, snapshot, name: parts.at(-1) ?? '' };
}

/** The item that a prefix stands for as a person writes it, `github/acme/website`; the prefix where that is lost. */
export function addressOf(item: string): string {
  const parts = item.split('/').slice(0, -1).map(unescapeSegment);
  return parts.some((part) => part === undefined) ? item.slice(0, -1) : parts.join('/');
}

/** An item as a person writes it. */
export function addressOfItem({ source, path }: { source: Source; path: readonly string[] }): string {
  return addressOf(itemPrefix(source, path));
}

/** Whether the text can be the name of a source, be it one that this version knows or not. */
export function isSource(text: string | undefined): text is Source {
  return text !== undefined && sourcePattern.test(text) && !otherFolders.has(text);
}
