import pMap from 'p-map';
import { recordDrill } from '#core/run/record-drill.ts';
import { verifyClaims } from '#core/run/verify-claims.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { HoldfastError, interrupted } from '#core/runtime/errors.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { recordCheck, type CheckResult } from '#core/vault/checks.ts';
import { sources } from '#core/sources/table.ts';
import { addressOf, manifestKey } from '#core/vault/layout.ts';
import { findLeftovers } from '#core/vault/leftovers.ts';
import { missingSnapshots } from '#core/vault/missing.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import { refuseInapplicable, requireTogether } from '../../applicable.ts';
import { askedScope, askedSort } from '../../asked-scope.ts';
import type { Context } from '../../context.ts';
import { nothingTo } from '../../nothing-to.ts';
import { isEfs } from '../../efs/is-efs.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItems, findSnapshots, type Selected } from '../../find-item.ts';
import { count, formatBytes, formatDuration } from '../../format.ts';
import type { VerifyFlags } from './options.ts';
import type { VerifyEvent } from './events.ts';
import { tellChains, tellDamage, verifyChainsAlone } from './verify-chains.ts';

/** A bucket answers many requests as fast as one. */
const listsAtOnce = 16;

export async function verify(context: Context, flags: VerifyFlags, typed?: string): Promise<number> {
  refuseInapplicable(askedScope('verifying'), context.given, askedSort(typed));
  if (typed !== undefined && isEfs(typed)) return (await import('../../efs/run.ts')).verifyEfs(context, flags, typed);
  const { vault, output, signal, onStop } = context;
  requireTogether(context.given, 'root', 'chain', 'is compared with the chain of reports');
  if (flags.chain && flags.snapshot !== undefined)
    throw new HoldfastError('Usage', '--snapshot does not apply together with --chain', {
      advice: 'The chain is that of a whole source: holdfast verify <source> --chain.',
    });
  if (flags.chain) return verifyChainsAlone(context, flags, typed);
  if (typed === undefined && flags.snapshot !== undefined)
    throw new HoldfastError('Usage', '--snapshot needs an item', { advice: 'holdfast verify <item> --snapshot <id>' });
  await requireVault(vault, sources);
  const catalogue = new Catalogue(vault);
  const began = performance.now();
  const { entries, claims, includes } = await chosen(catalogue, flags, typed);
  if (entries.length === 0) return verifyEmpty(context, catalogue, typed);
  const stored = entries.flatMap((entry) => entry.objects).reduce((sum, object) => sum + object.bytes, 0);
  const progress = output.progress(entries.length, stored);
  const noted: CheckResult[] = [];
  const started = new Date();
  let damaged = 0;
  let verified = 0;
  onStop(
    () => `${verified} of ${count(entries.length, 'snapshot')} verified; damage that was found is noted in the vault.`,
  );
  let bytes = 0;
  try {
    await pMap(
      entries,
      async (entry) => {
        if (signal.aborted) throw interrupted(signal);
        const name = `${addressOf(entry.item)} ${entry.snapshot}`;
        progress.phase(name, 'reading');
        const result = await verifySnapshot(vault, catalogue, entry, signal, (read) => progress.update(name, read));
        bytes += result.bytes;
        progress.finish(name);
        const { item, ...found } = result;
        output.event<VerifyEvent>({
          event: 'snapshot',
          address: addressOf(item),
          ...found,
          verdict: result.problems.length === 0 ? 'intact' : 'damaged',
        });
        if (result.problems.length > 0) damaged++;
        for (const problem of result.problems) output.result(`${output.paint('red', 'damaged')}  ${name}: ${problem}`);
        // A verdict is only noted where it changes what is known.
        if (result.problems.length > 0 || entry.checked === 'damaged')
          if (await recordCheck(vault, result, 'verify')) noted.push(result);
        verified++;
      },
      { concurrency: flags.concurrency },
    );
  } finally {
    progress.stop();
    await recordDrill(vault, 'verify', started, noted);
  }
  const damagedClaims = await verifyClaims(vault, claims);
  for (const problem of damagedClaims) {
    output.event<VerifyEvent>({ event: 'damaged-claim', problem });
    output.result(`${output.paint('red', 'damaged')}  ${problem}`);
  }
  const within = typed === undefined ? undefined : [...new Set(entries.map(({ item }) => item))];
  await tellLeftovers(context, vault, within);
  const missing = await tellMissing(context, catalogue, within, includes);
  const chains = within ? undefined : await tellChains(context, sources, { root: undefined, readAll: true }, missing);
  const summary = {
    snapshots: entries.length,
    damaged,
    missing: missing.size,
    damagedClaims: damagedClaims.length,
    chain: chains?.problems ?? 0,
    bytes,
  };
  output.event<VerifyEvent>({ event: 'verified', ...summary });
  output.line(
    `${count(entries.length, 'snapshot')}, ${formatBytes(bytes)} read in ${formatDuration(performance.now() - began)}: ${damaged === 0 ? 'all intact' : `${damaged} damaged`}${missing.size === 0 ? '' : `, ${missing.size} missing`}`,
  );
  if (missing.size > 0)
    output.error(
      new HoldfastError(
        'Damaged',
        `${count(missing.size, 'snapshot')} missing: runs stored them, and no removal is recorded`,
        {
          advice:
            'Something else removed them, or the vault was reset to an earlier state. If the bucket is versioned, older versions can be restored.',
        },
      ),
    );
  if (chains && chains.problems > 0) tellDamage(context, chains.problems);
  if (damaged === 0 && damagedClaims.length === 0)
    return missing.size + (chains?.problems ?? 0) === 0 ? exitCode.well : exitCode.damage;
  if (damaged === 0) {
    output.error(
      new HoldfastError('Damaged', `${count(damagedClaims.length, 'claim')} damaged; every snapshot is intact`, {
        advice: 'Claims only say under which id a snapshot is made: nothing depends on them, and backups ignore them.',
      }),
    );
    return exitCode.damage;
  }
  output.error(
    new HoldfastError(
      'Damaged',
      `${count(damaged, 'snapshot')} of ${entries.length} ${damaged === 1 ? 'is' : 'are'} damaged`,
      {
        advice:
          'The next backup of these items takes a full snapshot. If the bucket is versioned, older versions of the objects may be intact.',
      },
    ),
  );
  return exitCode.damage;
}

/** @returns the keys of the manifests that ought to be there and are not */
async function tellMissing(
  { vault, output }: Context,
  catalogue: Catalogue,
  within: readonly string[] | undefined,
  includes: Chosen['includes'],
): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const source of sources) {
    if (within?.some((prefix) => prefix.startsWith(`${source}/`)) === false) continue;
    for (const { item, snapshot, report } of await missingSnapshots(vault, catalogue, source, includes)) {
      keys.add(manifestKey(item, snapshot));
      const address = addressOf(item);
      output.event<VerifyEvent>({ event: 'missing', address, snapshot, report });
      output.result(`${output.paint('red', 'missing')}  ${address} ${snapshot}: ${report} says that it was stored`);
    }
  }
  return keys;
}

/** A vault without snapshots is as it should be only where no report says otherwise. */
async function verifyEmpty(context: Context, catalogue: Catalogue, typed: string | undefined): Promise<number> {
  const missing = typed === undefined ? await tellMissing(context, catalogue, undefined, undefined) : new Set<string>();
  const how = { root: undefined, readAll: true };
  const chains = typed === undefined ? await tellChains(context, sources, how, missing) : { problems: 0 };
  if (missing.size + chains.problems === 0) throw nothingTo('verify', context.vault);
  return tellDamage(context, missing.size + chains.problems);
}

interface Chosen {
  entries: SnapshotEntry[];
  claims: string[];
  /** Whether an item of this prefix is one of those that were asked for; absent where all are. */
  includes?: Selected['includes'];
}

async function chosen(catalogue: Catalogue, { snapshot }: VerifyFlags, typed: string | undefined): Promise<Chosen> {
  if (typed !== undefined) return selectedItems(catalogue, typed, snapshot);
  return everything(catalogue);
}

async function everything(catalogue: Catalogue): Promise<Chosen> {
  const chosen: Chosen = { entries: [], claims: [] };
  for (const source of sources)
    for await (const item of catalogue.items(source)) {
      chosen.entries.push(...item.snapshots.filter((entry) => entry.hasManifest));
      chosen.claims.push(...item.claims);
    }
  return chosen;
}

async function selectedItems(catalogue: Catalogue, typed: string, snapshot: string | undefined): Promise<Chosen> {
  const { items, includes } = await findItems(catalogue, typed);
  if (snapshot !== undefined) return { entries: findSnapshots(items, snapshot), claims: [], includes };
  const entries = items.flatMap(({ snapshots }) => snapshots);
  const paths = [...new Set(entries.map(({ item }) => item))];
  const claims = await pMap(paths, (item) => catalogue.claims(item), { concurrency: listsAtOnce });
  return { entries, claims: claims.flat(), includes };
}

async function tellLeftovers({ output }: Context, vault: Vault, within?: readonly string[]): Promise<void> {
  const leftovers = await findLeftovers(vault, sources, new Date(), within);
  if (leftovers.length === 0) return;
  const bytes = leftovers.reduce((sum, object) => sum + object.bytes, 0);
  output.line(
    `${count(leftovers.length, 'object')} (${formatBytes(bytes)}) belong${leftovers.length === 1 ? 's' : ''} to no snapshot; holdfast prune removes what is older than a week`,
  );
}
