import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';
import { readSnapshotManifest, type SnapshotManifest } from './snapshot-manifest.ts';

/** Snapshots of one label and interval, which stand side by side in one folder of the vault's file system. */
export interface Series {
  /** `<mount>/<label>/<interval>` */
  folder: string;
  /** `<label>/<interval>`, for messages and manifests. */
  name: string;
}

export interface Snapshot {
  name: string;
  manifest: SnapshotManifest;
}

export interface SeriesContent {
  /** Those whose manifest is whole, oldest first. */
  good: Snapshot[];
  /** Names of those whose manifest is missing or damaged. */
  damaged: string[];
  /** Folders of copies that did not come to their end, oldest first. */
  incomplete: string[];
  /** Folders whose removal did not come to its end. */
  removing: string[];
}

const snapshotName = /^\d{4}-\d\d-\d\dT\d{6}Z$/;
export const incompletePrefix = '.incomplete-';
export const removingPrefix = '.removing-';

export function seriesAt(mount: string, { label, interval }: { label: string; interval: string }): Series {
  return { folder: path.join(mount, label, interval), name: `${label}/${interval}` };
}

export function treeOf(series: Series, folder: string): string {
  return path.join(series.folder, folder, 'tree');
}

/** @throws {Error} of the system, where the folder is there and cannot be read */
export async function readSeries(series: Series): Promise<SeriesContent> {
  const content: SeriesContent = { good: [], damaged: [], incomplete: [], removing: [] };
  for (const name of (await namesIn(series.folder)).sort()) {
    if (name.startsWith(incompletePrefix)) content.incomplete.push(name);
    else if (name.startsWith(removingPrefix)) content.removing.push(name);
    else if (snapshotName.test(name)) {
      const manifest = await manifestOf(series, name).catch((error: unknown) => {
        if (error instanceof HoldfastError) return undefined;
        throw error;
      });
      if (manifest) content.good.push({ name, manifest });
      else content.damaged.push(name);
    }
  }
  return content;
}

/** @throws {HoldfastError} Damaged; NotFound where there is no such snapshot */
export async function manifestOf(series: Series, snapshot: string): Promise<SnapshotManifest> {
  const place = `${series.name}/${snapshot}`;
  let bytes: Buffer;
  try {
    bytes = await readFile(path.join(series.folder, snapshot, 'manifest.json'));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    if ((await namesIn(series.folder)).includes(snapshot))
      throw new HoldfastError('Damaged', `the snapshot ${place} has no manifest`, { cause: error });
    throw new HoldfastError('NotFound', `there is no snapshot ${place}`, {
      cause: error,
      advice: 'holdfast list efs shows what there is.',
    });
  }
  return readSnapshotManifest(bytes, place);
}

/**
 * The snapshot of this name, or the newest good one.
 * @throws {HoldfastError} NotFound, Damaged
 */
export async function findSnapshot(series: Series, name: string | undefined): Promise<Snapshot> {
  if (name !== undefined) return { name, manifest: await manifestOf(series, name) };
  const { good, damaged } = await readSeries(series);
  const newest = good.at(-1);
  if (newest) return newest;
  throw new HoldfastError(
    'NotFound',
    `there is no good snapshot in ${series.name}${damaged.length > 0 ? `, and ${damaged.length} damaged` : ''}`,
    { advice: 'Check label and interval; holdfast list efs shows what there is.' },
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
