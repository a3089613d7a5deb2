import type { ObjectFormat } from '#core/git/object-format.ts';
import { refsDigest, selectRefs, type Head, type RefSelection, type Refs } from '#core/git/refs.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { Catalogue, Snapshot } from '#core/vault/catalogue.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import { isRepositoryData, type RepositoryData } from '#core/vault/manifest.ts';

/** A repository as one snapshot holds it: what every way of restoring starts from. */
export interface RepositoryContent {
  snapshot: Snapshot;
  objectFormat: ObjectFormat;
  /** Those that are restored. */
  refs: Refs;
  head: Head;
  /** What must be applied, in order. Empty for a repository that was empty. */
  data: readonly RepositoryData[];
}

/** @throws {HoldfastError} NotFound, Damaged; SourceUnsupported where the snapshot is not of a repository */
export async function repositoryContent(
  catalogue: Catalogue,
  item: string,
  id: SnapshotId,
): Promise<RepositoryContent> {
  return contentIn(await catalogue.snapshot(item, id), `${item}${id}`);
}

/** The same of a snapshot that was read already, or is about to be made. @param name for the message of an error */
export function contentIn(snapshot: Snapshot, name: string): RepositoryContent {
  const { git } = snapshot.content;
  if (!git) throw new HoldfastError('SourceUnsupported', `${name} is not of a Git repository`);
  if (!git.refs) throw new HoldfastError('Damaged', `${name} does not say what its refs were`);
  const refs = new Map(Object.entries(git.refs));
  if (git.refsSince && refsDigest(refs, git.head) !== git.refsDigest)
    throw new HoldfastError('Damaged', `the refs of ${name} are not those of which its manifest has the digest`);
  return {
    snapshot,
    objectFormat: git.objectFormat,
    refs,
    head: git.head,
    data: [...snapshot.content.chain, ...snapshot.content.data].filter(isRepositoryData),
  };
}

/** All refs of the snapshot, whatever is restored of them. */
export function storedRefs({ snapshot }: RepositoryContent): Refs {
  return new Map(Object.entries(snapshot.content.git?.refs ?? {}));
}

/**
 * The same with the refs alone that a selection takes. A HEAD whose branch is left out names it as one without commits.
 * @throws {HoldfastError} Usage where it takes none
 */
export function withRefs(content: RepositoryContent, selection: RefSelection): RepositoryContent {
  const { taken } = selectRefs(content.refs, selection);
  if (taken.size === 0 && content.refs.size > 0)
    throw new HoldfastError('Usage', `none of the snapshot's ${content.refs.size} refs is selected`, {
      advice: 'Patterns are whole names in which * stands for anything: refs/heads/*',
    });
  const { head } = content;
  const isLeftOut = head.type === 'branch' && !taken.has(head.ref);
  return { ...content, refs: taken, head: isLeftOut ? { type: 'unborn', ref: head.ref } : head };
}
