import { HoldfastError } from '#core/runtime/errors.ts';
import { addCounts, fingerprintOf, noCounts } from './counts.ts';
import type { DigestList } from './digest-list.ts';
import { printableName, splitList } from './names.ts';
import type { SnapshotManifest } from './snapshot-manifest.ts';
import type { Counts } from './thread-jobs.ts';
import type { Threads } from './threads.ts';
import { workThrough } from './work-through.ts';

export interface Verified {
  counts: Counts;
  /** How many files were compared with their digests. */
  compared: number;
}

/**
 * Walks a snapshot, reads every file to its end, and compares it with the digest that was stored of it. It proves that
 * each entry is there with the type, length, time, mode and owner, or the target, that it was stored with. Files without
 * a digest, of which older snapshots may have some, are only proven to be there and readable; they are not `compared`.
 * @throws {HoldfastError} Damaged, Interrupted
 */
export async function verifyTree(
  tree: string,
  manifest: SnapshotManifest,
  digests: DigestList | undefined,
  threads: Threads,
): Promise<Verified> {
  const found = noCounts();
  const unreadable: string[] = [];
  const different: string[] = [];
  let compared = 0;
  await workThrough<{ folder: Uint8Array; names?: Uint8Array; known?: Uint8Array | undefined }>(
    [{ folder: new Uint8Array() }],
    threads.size,
    async ({ folder, names, known = digests?.ofFolder(folder) ?? new Uint8Array() }) => {
      const answer = await threads.run<'count'>({ kind: 'count', tree, folder, names, known });
      addCounts(found, answer.found);
      compared += answer.compared;
      for (const path of splitList(answer.unreadable)) if (unreadable.length < 10) unreadable.push(printableName(path));
      for (const path of splitList(answer.different)) if (different.length < 10) different.push(printableName(path));
      return [
        ...answer.slices.map((slice) => ({
          folder,
          names: slice,
          known: digests?.ofNames(folder, splitList(slice)),
        })),
        ...[...splitList(answer.folders)].map((path) => ({ folder: Uint8Array.from(path) })),
      ];
    },
  );
  const { statistics } = manifest;
  const problems = [
    ...(manifest.digests && !digests ? ['its list of digests is missing or damaged'] : []),
    ...(different.length > 0 ? [`content that differs from what was stored: ${different.join(', ')}`] : []),
    ...(unreadable.length > 0 ? [`cannot be read: ${unreadable.join(', ')}`] : []),
    ...(['entries', 'files', 'bytes'] as const)
      .filter((what) => found[what] !== statistics[what])
      .map((what) => `${found[what]} ${what} where ${statistics[what]} were stored`),
  ];
  if (problems.length === 0 && compared < (manifest.digests?.files ?? 0))
    problems.push(`${compared} of ${manifest.digests?.files ?? 0} files with a digest are there`);
  if (problems.length === 0 && fingerprintOf(found) !== manifest.fingerprint)
    problems.push('names, times, modes, owners or targets are not what was stored');
  if (problems.length > 0)
    throw new HoldfastError(
      'Damaged',
      `the snapshot ${manifest.label}/${manifest.interval}/${manifest.snapshot} is damaged: ${problems.join('; ')}`,
      { advice: 'Restore from another snapshot, and find out who writes into the vault.' },
    );
  return { counts: found, compared };
}
