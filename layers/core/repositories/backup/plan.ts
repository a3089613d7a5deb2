import type { Advertisement } from '#core/git/advertisement.ts';
import { refsDigest } from '#core/git/refs.ts';
import type { CheckedManifest } from '#core/vault/manifest.ts';
import type { BackupOptions } from './options.ts';

/** How one snapshot will be taken. */
export type Plan =
  | { kind: 'empty' }
  | { kind: 'unchanged'; parent: CheckedManifest }
  | { kind: 'incremental'; parent: CheckedManifest }
  | { kind: 'full'; why: string };

/**
 * The one place where it is decided how a repository is taken.
 * @param previous the newest manifest of the lineage and the one that holds its refs and data
 */
export function plan(
  listed: Advertisement,
  taken: ReadonlyMap<string, string>,
  previous: { latest: CheckedManifest; content: CheckedManifest; sound: boolean } | undefined,
  options: BackupOptions,
): Plan {
  const empty = taken.size === 0 && listed.head.type !== 'detached';
  if (!previous) return empty ? { kind: 'empty' } : { kind: 'full', why: 'there is no earlier snapshot' };
  const { content, sound } = previous;
  if (!sound) return empty ? { kind: 'empty' } : { kind: 'full', why: 'the data of the earlier snapshot is damaged' };
  if (options.full && !empty) return { kind: 'full', why: 'a full snapshot was asked for' };
  const git = content.manifest.git;
  const sameRefs = git?.refsDigest === refsDigest(taken, listed.head) && git.objectFormat === listed.objectFormat;
  const sameFormat = content.manifest.data.every((data) => data.format === options.format);
  if (sameRefs && sameFormat) return { kind: 'unchanged', parent: content };
  if (empty) return { kind: 'empty' };
  if (content.manifest.kind === 'empty') return { kind: 'full', why: 'the repository was empty' };
  if (options.format !== 'bundle' || !sameFormat)
    return { kind: 'full', why: `${options.format} archives are always whole` };
  if (git?.objectFormat !== listed.objectFormat)
    return { kind: 'full', why: 'the repository changed its object format' };
  const [base, ...increments] = [...content.manifest.chain, ...content.manifest.data];
  if (increments.length + 1 >= options.longestChain)
    return { kind: 'full', why: `the chain has ${increments.length + 1} snapshots` };
  const weight = increments.reduce((sum, data) => sum + data.bytes, 0);
  if (weight > options.heaviestChain * (base?.bytes ?? 0))
    return { kind: 'full', why: 'the increments of the chain have become too large' };
  return { kind: 'incremental', parent: content };
}
