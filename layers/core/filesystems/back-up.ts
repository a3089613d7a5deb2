import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { HoldfastError, systemCode, throwIfInterrupted } from '#core/runtime/errors.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { version } from '#core/runtime/version.ts';
import { copyTree, type CopyOutcome, type NameList } from './copy-tree.ts';
import { fingerprintOf } from './counts.ts';
import { DigestList, digestsName, DigestWriter } from './digest-list.ts';
import { removeFolder } from './retention.ts';
import { isLinkLimit, rsyncVersion } from './rsync.ts';
import { writeSnapshotManifest, type SnapshotManifest } from './snapshot-manifest.ts';
import { incompletePrefix, readSeries, treeOf, type Series, type SeriesContent, type Snapshot } from './snapshots.ts';
import { syncFileSystem } from './sync-file-system.ts';
import type { Candidate, Counts } from './thread-jobs.ts';
import type { Threads } from './threads.ts';

export interface BackUpOptions {
  source: { id: string; mount: string };
  vault: { id: string };
  series: Series;
  label: string;
  interval: string;
  /** The folder of the source, from its root. */
  prefix: string;
  /** The name of the snapshot to make. */
  snapshot: string;
  acceptEmpty: boolean;
  threads: Threads;
  workers: number;
  signal: AbortSignal;
  settledMs?: number | undefined;
  comparePeriod?: number | undefined;
  onProgress?: ((done: Counts) => void) | undefined;
}

/**
 * A file that changed within so many milliseconds of a copy's beginning is looked at again by rsync. The two file
 * systems have their own clocks, which may differ by less than that.
 */
const settledMsByDefault = 60_000;

/**
 * So many unfinished copies are gone on from. Each is one more name of every unchanged file, of which EFS allows 177
 * (https://docs.aws.amazon.com/efs/latest/ug/limits.html), so they must not pile up while run after run fails.
 */
const keptIncomplete = 4;

/**
 * Of the unchanged files so large a part is compared by content in each run, so that each of them has its turn in so
 * many runs: a month of daily backups. It costs the reading of that part, at the source and in the vault.
 */
const comparePeriodByDefault = 30;

const namedInWarnings = 5;

/** What an unfinished copy says of itself, for the run that goes on from it. */
const stateSchema = v.strictObject({
  format: v.literal(1),
  source: v.string(),
  prefix: v.string(),
  clock: v.pipe(v.string(), v.isoTimestamp()),
});

/**
 * Makes a snapshot: a complete tree under a temporary name, which gets its own name when everything is in place.
 *
 * The tree is always a new one. What is unchanged is linked from the previous snapshot or from an unfinished copy, and
 * no file that another tree shares is ever opened for writing or given other attributes.
 * @throws {HoldfastError} SourceMissing, SourceShrunk, CopyFailed, StorageFailed, Interrupted
 */
export async function backUp(options: BackUpOptions): Promise<SnapshotManifest> {
  const { series, signal, snapshot } = options;
  throwIfInterrupted(signal);
  const started = new Date();
  const content = await readSeries(series);
  const done = content.good.find(({ name }) => name === snapshot);
  // The same task again: the earlier attempt made the snapshot, but could not report it.
  if (done) return done.manifest;
  if (content.damaged.includes(snapshot))
    throw new HoldfastError('Damaged', `the snapshot ${series.name}/${snapshot} is there, and damaged`);
  const from = await openSource(options);
  const previous = content.good.findLast(
    ({ manifest }) => manifest.source === options.source.id && manifest.prefix === options.prefix,
  );
  const candidates = await candidatesOf(options, previous, content);
  for (const folder of content.incomplete.slice(0, -keptIncomplete))
    await removeFolder(series, folder, options.threads);
  const { comparePeriod: period = comparePeriodByDefault } = options;
  const turn = { part: ((previous?.manifest.compared?.part ?? -1) + 1) % period, period };
  const copy = async (freshHardLinks: boolean) => {
    const { folder, clock } = await startTree(options);
    const known = previous && (await digestsOf(series, previous));
    const writer = new DigestWriter(path.join(series.folder, folder, digestsName));
    const to = treeOf(series, folder);
    const digests = { writer, known, turn };
    try {
      return {
        folder,
        clock,
        writer,
        outcome: await copyTree({ ...options, from, to, candidates, digests, freshHardLinks }),
      };
    } catch (error) {
      // rsync leaves its own temporary names behind where a link is refused, so this tree is of no further use.
      if (isLinkLimit(error)) await removeFolder(series, folder, options.threads);
      throw error;
    } finally {
      known?.close();
      writer.close();
    }
  };
  const { folder, clock, writer, outcome } = await copy(false).catch((error: unknown) => {
    if (!isLinkLimit(error)) throw error;
    return copy(true);
  });
  if (outcome.sourceFiles === 0 && previous && previous.manifest.statistics.files > 0 && !options.acceptEmpty)
    throw new HoldfastError(
      'SourceShrunk',
      `${options.source.id} holds no file under ${options.prefix}, and the snapshot ${previous.name} holds ${previous.manifest.statistics.files}`,
      { advice: 'Check what is mounted. If the source was emptied on purpose, accept that once.' },
    );
  throwIfInterrupted(signal);
  const manifest: SnapshotManifest = {
    format: 1,
    source: options.source.id,
    vault: options.vault.id,
    label: options.label,
    interval: options.interval,
    snapshot,
    prefix: options.prefix,
    ...(previous ? { previous: previous.name } : {}),
    statistics: {
      entries: outcome.counts.entries,
      files: outcome.counts.files,
      bytes: outcome.counts.bytes,
      filesTransferred: outcome.filesTransferred,
      bytesTransferred: outcome.bytesTransferred,
    },
    fingerprint: fingerprintOf(outcome.counts),
    vanished: outcome.vanished,
    omitted: outcome.omitted,
    digests: writer.summary,
    compared: { ...turn, files: outcome.compared, damaged: outcome.damaged, changed: outcome.changed },
    warnings: [
      ...content.damaged.map((name) => `the snapshot ${series.name}/${name} is damaged and is not counted`),
      ...contentWarnings(outcome, previous?.name),
    ],
    tool: { name: 'holdfast', version, rsync: await rsyncVersion() },
    clock: clock.toISOString(),
    started: started.toISOString(),
    finished: new Date().toISOString(),
  };
  await commit(series, folder, manifest);
  return manifest;
}

/** The digests of a snapshot's files. Undefined where it has none, or they are damaged: then files are read for them. */
export function digestsOf(series: Series, { name, manifest }: Snapshot): Promise<DigestList | undefined> {
  return DigestList.open(path.join(series.folder, name, digestsName), manifest.digests);
}

function contentWarnings({ damaged, changed }: CopyOutcome, previous = ''): string[] {
  const named = ({ count, names }: NameList): string =>
    `${names.slice(0, namedInWarnings).join(', ')}${count > namedInWarnings ? ` and ${count - namedInWarnings} more` : ''}`;
  const warnings: string[] = [];
  if (damaged.count > 0)
    warnings.push(
      `some files in the snapshot ${previous}, and in older ones that share them, are not what was stored; they were copied again: ${named(damaged)}`,
    );
  if (changed.count > 0)
    warnings.push(
      `the content of some files changed although their length and times did not; they were copied again: ${named(changed)}`,
    );
  return warnings;
}

async function openSource({ source, prefix }: BackUpOptions): Promise<string> {
  const from = path.join(source.mount, prefix).replace(/(?<=.)\/+$/, '');
  const found = await stat(from).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  });
  if (found?.isDirectory() === true) return from;
  throw new HoldfastError('SourceMissing', `${source.id} has no folder ${prefix}`, {
    advice: 'Check the prefix of the source.',
  });
}

/** The previous snapshot, whose digests are known, and copies that did not come to their end, newest first. */
async function candidatesOf(
  { series, source, prefix, settledMs = settledMsByDefault }: BackUpOptions,
  previous: Snapshot | undefined,
  { incomplete }: SeriesContent,
): Promise<Candidate[]> {
  const candidate = (folder: string, clock: string): Candidate => ({
    listed: folder === previous?.name,
    tree: treeOf(series, folder),
    settled: BigInt(Date.parse(clock) - settledMs) * 1_000_000n,
  });
  const candidates = previous ? [candidate(previous.name, previous.manifest.clock)] : [];
  for (const folder of incomplete.slice(-keptIncomplete).toReversed()) {
    const state = await stateOf(series, folder);
    if (state?.source === source.id && state.prefix === prefix) candidates.push(candidate(folder, state.clock));
  }
  return candidates;
}

async function stateOf(series: Series, folder: string): Promise<v.InferOutput<typeof stateSchema> | undefined> {
  try {
    const text = await readFile(path.join(series.folder, folder, 'state.json'), 'utf8');
    return parseJson(stateSchema, text, `the state of ${folder}`);
  } catch (error) {
    // Killed before it said anything: then there is nothing in it either.
    if (error instanceof HoldfastError || systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function startTree(options: BackUpOptions): Promise<{ folder: string; clock: Date }> {
  const { series, source, prefix, snapshot } = options;
  // Only root looks into snapshots: they hold everybody's files, programs that run with others' rights among them.
  await mkdir(series.folder, { recursive: true, mode: 0o700 });
  const folder = `${incompletePrefix}${snapshot}-${randomBytes(4).toString('hex')}`;
  await mkdir(path.join(series.folder, folder), { mode: 0o700 });
  const { ctime } = await stat(path.join(series.folder, folder));
  const state = { format: 1, source: source.id, prefix, clock: ctime.toISOString() };
  await writeFile(path.join(series.folder, folder, 'state.json'), JSON.stringify(state));
  return { folder, clock: ctime };
}

/** The one rename that makes a snapshot, after everything that it stands for is on disk. */
async function commit(series: Series, folder: string, manifest: SnapshotManifest): Promise<void> {
  const whole = path.join(series.folder, folder);
  await syncFileSystem(whole);
  await writeAndSync(path.join(whole, 'manifest.json'), writeSnapshotManifest(manifest));
  await syncFolder(whole);
  await rename(whole, path.join(series.folder, manifest.snapshot));
  await syncFolder(series.folder);
  // Only now: as long as the copy was unfinished, the next run would have needed it.
  await rm(path.join(series.folder, manifest.snapshot, 'state.json'), { force: true });
}

async function writeAndSync(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
