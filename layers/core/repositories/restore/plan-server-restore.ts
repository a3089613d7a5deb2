import { listForPush } from '#core/git/push.ts';
import { refMatcher } from '#core/git/refs.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { RepositoryContent } from './content.ts';
import { bundleStages } from './push-stages.ts';
import { refsInTheWay, refuseOtherFormat, type ServerRestore } from './restore-server.ts';

/** What a restore to a server would do with each ref. */
export interface ServerRestorePlan {
  /** Refs that the target does not have. */
  created: string[];
  /** Refs that the target has elsewhere and that would be replaced. */
  moved: { name: string; from: string; to: string }[];
  /** Refs that it has as they are in the snapshot. */
  unchanged: string[];
  /** Refs that no client may write there. */
  leftOut: string[];
  /** Refs of the target for which there is no consent: because of them nothing would be restored. */
  inTheWay: string[];
  /** Refs of the target that the snapshot does not have and that would stay. */
  kept: string[];
}

/**
 * Says what `restoreToServer` would do, by the target's own list of refs. Sends nothing.
 * @throws {HoldfastError} as the restore would
 */
export async function planServerRestore(
  vault: Vault,
  content: RepositoryContent,
  options: Pick<ServerRestore, 'target' | 'overwrite' | 'hidden' | 'signal'>,
): Promise<ServerRestorePlan> {
  const advertised = await listForPush(options.target);
  refuseOtherFormat(content, advertised, options.target);
  const isHidden = refMatcher(options.hidden);
  const [first] = content.data;
  // An archive is one stage; its refs are those of the snapshot.
  const stages = first?.format === 'bundle' ? await bundleStages(vault, content, options) : [{ refs: content.refs }];
  const plan: ServerRestorePlan = {
    created: [],
    moved: [],
    unchanged: [],
    leftOut: [],
    inTheWay: refsInTheWay(content, stages, advertised.refs, options.overwrite),
    kept: [...advertised.refs.keys()].filter((name) => !content.refs.has(name)),
  };
  for (const [name, to] of content.refs) {
    const from = advertised.refs.get(name);
    if (from === to) plan.unchanged.push(name);
    else if (isHidden(name)) plan.leftOut.push(name);
    else if (from === undefined) plan.created.push(name);
    else plan.moved.push({ name, from, to });
  }
  return plan;
}
