import { HoldfastError } from '#core/runtime/errors.ts';
import type { KindName } from '#core/sources/source.ts';
import { placeBelowAccount } from '#core/sources/github/accounts/account-item.ts';
import { gitHubDefinition } from '#core/sources/github/index.ts';
import { sources } from '#core/sources/table.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { withSuggestion } from '#core/runtime/nearest.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { refuseInapplicable } from '../applicable.ts';
import type { RestoreFlags } from '../commands/restore/options.ts';
import { restoreScope } from '../commands/restore/scope.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-codes.ts';
import { count, formatDuration } from '../format.ts';
import { kindsOnCommandLine } from '../kinds/table.ts';
import { choose, type Without } from './choose.ts';
import { RestoreJournal } from './journal.ts';
import { lockTarget } from './lock.ts';
import { parseAllTarget, type AllTarget } from './places/open-places.ts';
import type { Chosen, KindPlan, RestoreAll, Result } from './plan.ts';
import { tellFinished, tellPlan, tellTotal } from './tell.ts';
import { Totals } from './totals.ts';
import { parseScope, type Scope } from './scope.ts';

/** What the targets are called. */
const names: Record<AllTarget['sort'], string> = {
  folder: 'a folder',
  urls: 'a Git server',
  github: 'GitHub',
  codecommit: 'CodeCommit',
  codeartifact: 'CodeArtifact',
};

/**
 * Brings back everything of an owner, an account, a source or a vault: plans, acts by the plan, and adds up what became
 * of each item. One that fails stops no other.
 */
export async function restoreAll(
  context: Context,
  flags: RestoreFlags & { to: string },
  typed: string | undefined,
): Promise<number> {
  const { vault, given } = context;
  const target = parseAllTarget(flags.to);
  refuseInapplicable(restoreScope, given, `all-${target.sort}`);
  const scope = parseScope(typed);
  await requireVault(vault, sources);
  // A plan disturbs nothing.
  const unlock = flags.dryRun ? () => Promise.resolve() : await lockTarget(process.cwd(), lockName(target, flags.to));
  try {
    return await restoreLocked(context, flags, typed, target, scope);
  } finally {
    await unlock();
  }
}

/** Of one owner at GitHub all repositories: what may be made there is limited by the credential. */
function lockName(target: AllTarget, to: string): string {
  return target.sort === 'github' ? `github:${target.owner}` : to;
}

async function restoreLocked(
  context: Context,
  flags: RestoreFlags & { to: string },
  typed: string | undefined,
  target: AllTarget,
  scope: Scope,
): Promise<number> {
  const { vault, output, onStop } = context;
  const named = { vault: vault.location, scope: typed ?? '', to: flags.to, at: flags.at };
  const journal = await RestoreJournal.open(process.cwd(), named);
  const until = journal.until ?? flags.at;
  const { chosen, without } = await choose(new Catalogue(vault), scope, until);
  if (chosen.length === 0) throw await nothingThere(vault, typed, flags.at, without);
  const request: RestoreAll = { flags, scope, until: until ?? newestOf(chosen), journal };
  const totals = new Totals();
  const left = leftOut(chosen, without, target);
  const plans = await planAll(context, request, chosen, target);
  try {
    const planned = plans.flatMap((plan) => plan.planned);
    tellPlan(output, { planned, left, plans, dryRun: flags.dryRun, until });
    if (flags.dryRun) return totals.ofPlan(planned);
    if (journal.until !== undefined) output.line(`goes on with ${journal.file}`);
    await journal.begin(request.until ?? '');
    onStop(() => 'What is restored stays. Run the same command again, in the same folder, to go on.');
    const began = performance.now();
    const moving = planned.filter(({ foreseen }) => foreseen === 'made' || foreseen === 'content');
    const progress = output.progress(
      planned.length,
      moving.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    const finished = (result: Result): void => {
      totals.add(result);
      progress.finish(result.address);
      tellFinished(output, result);
    };
    try {
      for (const result of left) finished(result);
      for (const plan of plans)
        await plan.act({
          started: (address, bytes) => progress.start(address, bytes),
          progress: (address, bytes) => progress.update(address, bytes),
          phase: (address, phase) => progress.phase(address, phase),
          finished,
        });
    } finally {
      progress.stop();
    }
    tellTotal(output, totals, flags.to, formatDuration(performance.now() - began));
    const code = totals.exitCode();
    if (code === exitCode.well) await journal.end();
    else output.line(`the same command tries again what failed; ${journal.file} remembers the moment that is restored`);
    return code;
  } finally {
    for (const plan of plans) plan.close();
  }
}

async function planAll(
  context: Context,
  request: RestoreAll,
  chosen: readonly Chosen[],
  target: AllTarget,
): Promise<KindPlan[]> {
  const { sort } = target;
  if (sort === 'github') {
    const items = chosen.filter((one) => takes(sort, one.kind) && !isBelowAccount(one));
    if (items.length === 0) return [];
    const { planGitHub } = await import('./github/plan-github.ts');
    return [await planGitHub(context, request, items, target)];
  }
  const plans: KindPlan[] = [];
  try {
    for (const [name, kind] of Object.entries(kindsOnCommandLine)) {
      const items = kind.goesTo.includes(sort) ? chosen.filter((item) => item.kind === name) : [];
      const verbs = items.length === 0 ? undefined : await kind.load();
      if (verbs?.planAll) plans.push(await verbs.planAll(context, request, items));
    }
    return plans;
  } catch (error) {
    for (const plan of plans) plan.close();
    throw error;
  }
}

function takes(sort: AllTarget['sort'], kind: KindName): boolean {
  return kindsOnCommandLine[kind].goesTo.includes(sort);
}

/** Whether it belongs to an account at GitHub, and so to no repository that could be made there. */
function isBelowAccount({ source, address }: Chosen): boolean {
  return source === gitHubDefinition.name && placeBelowAccount(address.split('/').slice(1)) !== undefined;
}

/** What brings back by itself what belongs to an account, by its kind. */
const byItself: Partial<Record<KindName, string>> = {
  repositories: 'holdfast restore --to <folder or URL> brings back the gist alone',
  records: 'holdfast export writes it as files',
};

/** What does not come back at all, and why. */
function leftOut(chosen: readonly Chosen[], without: readonly Without[], { sort }: AllTarget): Result[] {
  const foreign = chosen.filter(({ kind }) => !takes(sort, kind));
  const ofAccounts = sort === 'github' ? chosen.filter((one) => takes(sort, one.kind) && isBelowAccount(one)) : [];
  return [
    ...without.map(({ address, why }) => ({ address, message: why })),
    ...ofAccounts.map(({ address, kind }) => ({
      address,
      message: `it belongs to an account and to no repository; ${byItself[kind] ?? ''}`,
    })),
    ...foreign.map(({ address, kind }) => ({
      address,
      message: `${names[sort]} takes no ${kindsOnCommandLine[kind].many} by --all`,
    })),
  ].map((one) => ({ ...one, outcome: 'left-out', code: 'LeftOut', items: 1, notes: [] }));
}

function newestOf(chosen: readonly Chosen[]): SnapshotId | undefined {
  return chosen.map(({ entry }) => entry.snapshot).reduce((a, b) => (a > b ? a : b));
}

async function nothingThere(
  vault: Vault,
  typed: string | undefined,
  at: string | undefined,
  without: readonly Without[],
): Promise<HoldfastError> {
  const where = typed === undefined ? '' : ` at or below ${typed}`;
  if (without.length > 0 && at !== undefined)
    return new HoldfastError('NotFound', `${vault.location} holds nothing${where} as old as ${at}`, {
      advice: `${count(without.length, 'item')} there ${without.length === 1 ? 'has' : 'have'} later snapshots only.`,
    });
  const wrong = `${vault.location} holds nothing${where}`;
  const message = typed === undefined ? wrong : withSuggestion(wrong, typed, await placesLike(vault, typed));
  return new HoldfastError('NotFound', message, { advice: 'holdfast list shows what it holds.' });
}

/** What stands in the vault at the depth of what was typed: of `github/acme` all owners. */
async function placesLike(vault: Vault, typed: string): Promise<Set<string>> {
  const depth = typed.split('/').length;
  const places = new Set<string>();
  for (const source of sources)
    for await (const { address } of new Catalogue(vault).items(source))
      places.add(address.split('/').slice(0, depth).join('/'));
  return places;
}
