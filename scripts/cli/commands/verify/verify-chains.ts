import { nameOf } from '#core/run/drill-message.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { waysOf } from '#core/run/kinds/table.ts';
import { verifyChain, type CheckedChain } from '#core/vault/chain/verify-chain.ts';
import { parseSource, sources } from '#core/sources/table.ts';
import type { Source } from '#core/vault/layout.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { count } from '../../format.ts';
import { nothingTo } from '../../nothing-to.ts';
import type { VerifyFlags } from './options.ts';
import type { VerifyEvent } from './events.ts';

/** Compares the vault with the chains of its sources and nothing else. */
export async function verifyChainsAlone(context: Context, flags: VerifyFlags, typed?: string): Promise<number> {
  const { vault } = context;
  const of = typed === undefined ? sources : [parseSource(typed)];
  if (flags.root !== undefined && of.length > 1)
    throw new HoldfastError('Usage', '--root needs a source', {
      advice: 'holdfast verify <source> --chain --root <sha256>',
    });
  await requireVault(vault, sources);
  // Only S3 itself says when it received an object; anyone can set the times of files.
  const { found, problems } = await tellChains(context, of, { root: flags.root, readAll: vault.store === undefined });
  if (found === 0) throw nothingTo('verify', vault);
  return problems === 0 ? exitCode.well : tellDamage(context, problems);
}

/**
 * Walks the chains of sources and prints what does not agree with them.
 * @param known what was named already, by its key
 * @returns how many chains there are, and how many problems were found that were not known
 */
export async function tellChains(
  { vault, output, signal }: Context,
  of: readonly Source[],
  how: { root: string | undefined; readAll: boolean },
  known: ReadonlySet<string> = new Set(),
): Promise<{ found: number; problems: number }> {
  let found = 0;
  let problems = 0;
  for (const source of of) {
    const chain = await verifyChain(vault, source, { ways: waysOf(source), ...how, signal });
    if (chain.links + chain.unlinked + chain.problems.length === 0) continue;
    found++;
    output.event<VerifyEvent>({ event: 'chain', ...chain });
    for (const { what, key, why } of chain.problems) {
      if (known.has(key)) continue;
      problems++;
      output.result(`${output.paint('red', what)}  ${nameOf(key)}: ${why}`);
    }
    output.line(summaryOf(chain));
    for (const { key, sha256 } of chain.roots) output.line(`  root ${sha256}  ${key}`);
  }
  return { found, problems };
}

export function tellDamage({ output }: Context, problems: number): number {
  output.error(
    new HoldfastError(
      'Damaged',
      `${count(problems, 'thing')} in the vault ${problems === 1 ? 'does' : 'do'} not agree with the chain of reports`,
      {
        advice:
          'Somebody changed the vault in another way than by runs and retention. Where the bucket is versioned, older versions can be brought back.',
      },
    ),
  );
  return exitCode.damage;
}

function summaryOf({ source, links, unlinked, snapshots, unlisted, problems }: CheckedChain): string {
  if (links === 0)
    return `${source}: no chain yet; ${count(unlinked, 'report')} from before, with which the next run begins it`;
  const since = unlisted === 0 ? '' : `, ${unlisted} since the newest list`;
  const before =
    unlinked === 0 ? '' : `; it begins with ${count(unlinked, 'report')} from before it, or that could not continue it`;
  const verdict = problems.length === 0 ? 'whole' : 'broken';
  return `${source}: the chain of ${count(links, 'report')} over ${count(snapshots, 'snapshot')}${since} is ${verdict}${before}`;
}
