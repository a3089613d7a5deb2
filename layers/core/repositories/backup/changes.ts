import type { Advertisement } from '#core/git/advertisement.ts';
import { isAncestor } from '#core/git/ancestry.ts';
import { offerOf } from '#core/git/fetch.ts';
import type { Refs } from '#core/git/refs.ts';
import type { Transport } from '#core/git/transport.ts';
import { hasCode } from '#core/runtime/errors.ts';
import type { GitState } from '#core/vault/manifest.ts';

export type Changes = NonNullable<GitState['changes']>;

/** One small request a branch is asked of the server, so a mass rewrite is not looked into branch by branch. */
const mostBranchesAsked = 20;

/** What became of the refs since the parent snapshot, history that was rewritten included. */
export async function changesSince(
  before: Refs,
  now: Refs,
  transport: Transport,
  listed: Advertisement,
): Promise<Changes> {
  const moved = [...now].filter(([name, oid]) => before.has(name) && before.get(name) !== oid);
  const branches = moved.filter(([name]) => name.startsWith('refs/heads/'));
  const rewritten: string[] = [];
  let unclear = Math.max(0, branches.length - mostBranchesAsked);
  const asked = branches.slice(0, mostBranchesAsked);
  const offer = asked.length > 0 ? await offerOf(transport, listed).catch(() => undefined) : undefined;
  for (const [name, oid] of asked) {
    const forward = offer && (await descends(transport, offer, before.get(name) ?? '', oid));
    if (forward === undefined) unclear++;
    else if (!forward) rewritten.push(name);
  }
  return {
    created: [...now.keys()].filter((name) => !before.has(name)).length,
    moved: moved.length,
    deleted: [...before.keys()].filter((name) => !now.has(name)),
    rewritten,
    ...(unclear > 0 ? { unclear } : {}),
  };
}

/** Undefined where the server would not tell: a note in the books must never cost the snapshot. */
async function descends(
  transport: Transport,
  offer: Advertisement,
  older: string,
  newer: string,
): Promise<boolean | undefined> {
  try {
    return await isAncestor(transport, offer, older, newer);
  } catch (error) {
    // The server no longer has the old commit, so it cannot be in the new one's history.
    return hasCode(error, 'RefMoved') ? false : undefined;
  }
}
