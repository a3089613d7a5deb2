import { HoldfastError } from '#core/runtime/errors.ts';
import { addCounts, fingerprintOf, noCounts } from './counts.ts';
import { printableName, splitList } from './names.ts';
import type { SnapshotManifest } from './snapshot-manifest.ts';
import type { Counts } from './thread-jobs.ts';
import type { Threads } from './threads.ts';
import { workThrough } from './work-through.ts';

/**
 * Walks a snapshot and reads every file to its end. It proves that each entry is there with the type, length, time,
 * mode and owner, or the target, that it was stored with, and that it can be read. It cannot tell whether bytes were
 * exchanged for others of the same number: that would take another copy, or a digest of each file.
 * @throws {HoldfastError} Damaged, Interrupted
 */
export async function verifyTree(tree: string, manifest: SnapshotManifest, threads: Threads): Promise<Counts> {
  const found = noCounts();
  const unreadable: string[] = [];
  await workThrough<{ folder: Uint8Array; names?: Uint8Array }>(
    [{ folder: new Uint8Array() }],
    threads.size,
    async ({ folder, names }) => {
      const answer = await threads.run<'count'>({ kind: 'count', tree, folder, names });
      addCounts(found, answer.found);
      for (const path of splitList(answer.unreadable)) if (unreadable.length < 10) unreadable.push(printableName(path));
      return [
        ...answer.slices.map((slice) => ({ folder, names: slice })),
        ...[...splitList(answer.folders)].map((path) => ({ folder: Uint8Array.from(path) })),
      ];
    },
  );
  const { statistics } = manifest;
  const problems = [
    ...(unreadable.length > 0 ? [`cannot be read: ${unreadable.join(', ')}`] : []),
    ...(['entries', 'files', 'bytes'] as const)
      .filter((what) => found[what] !== statistics[what])
      .map((what) => `${found[what]} ${what} where ${statistics[what]} were stored`),
  ];
  if (problems.length === 0 && fingerprintOf(found) !== manifest.fingerprint)
    problems.push('names, times, modes, owners or targets are not what was stored');
  if (problems.length > 0)
    throw new HoldfastError(
      'Damaged',
      `the snapshot ${manifest.label}/${manifest.interval}/${manifest.snapshot} is damaged: ${problems.join('; ')}`,
      { advice: 'Restore from another snapshot, and find out who writes into the vault.' },
    );
  return found;
}
