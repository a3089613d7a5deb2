import { listRefs } from '#core/git/fetch.ts';
import type { RepositoryContent } from '#core/repositories/restore/content.ts';
import { restoreToServer, type ServerRestored } from '#core/repositories/restore/restore-server.ts';
import { hasCode } from '#core/runtime/errors.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import type { Context } from '../../context.ts';
import { openTarget, type Target, type TargetFlags } from '../../open-target.ts';
import type { Standing, Transfer } from './place.ts';

/** Does something with the repository at an address, and closes what was opened for that. */
export async function withTarget<T>(
  context: Context,
  address: string,
  flags: TargetFlags,
  act: (target: Target) => Promise<T>,
): Promise<T> {
  const target = await openTarget(context, address, flags);
  try {
    return await act(target);
  } finally {
    target.close();
  }
}

/** What a server has at a target; undefined where it knows no such repository. */
export async function standingAt({ transport, hidden }: Target): Promise<Standing | undefined> {
  try {
    return { refs: (await listRefs(transport)).refs, hidden };
  } catch (error) {
    if (hasCode(error, 'SourceMissing')) return undefined;
    throw error;
  }
}

/** Pushes a repository there; nothing that is there is replaced. */
export function pushTo(
  vault: Vault,
  { transport, hidden, needsLength: _, refsPerPush }: Target,
  content: RepositoryContent,
  transfer: Transfer,
): Promise<ServerRestored> {
  return restoreToServer(vault, content, { target: transport, overwrite: [], hidden, refsPerPush, ...transfer });
}
