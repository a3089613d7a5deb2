import pMap from 'p-map';
import { chooseIndexer } from '#core/repositories/restore/build-mirror.ts';
import { drillSnapshot, type DrillResult } from '#core/run/drill.ts';
import { recordDrill } from '#core/run/record-drill.ts';
import { HoldfastError, interrupted } from '#core/runtime/errors.ts';
import { Catalogue, type SnapshotEntry } from '#core/vault/catalogue.ts';
import { recordCheck } from '#core/vault/checks.ts';
import { sources } from '#core/sources/table.ts';
import { addressOf } from '#core/vault/layout.ts';
import { requireVault } from '#core/vault/storage/require-vault.ts';
import type { Context } from '../../context.ts';
import { nothingTo } from '../../nothing-to.ts';
import { isEfs } from '../../efs/is-efs.ts';
import { exitCode } from '../../exit-codes.ts';
import { findItems, findSnapshots } from '../../find-item.ts';
import { count, formatBytes, formatDuration } from '../../format.ts';
import type { DrillFlags } from './options.ts';
import type { DrillEvent } from './events.ts';

export async function drill(
  { vault, output, signal, onStop }: Context,
  flags: DrillFlags,
  typed?: string,
): Promise<number> {
  if (isEfs(typed))
    throw new HoldfastError('Usage', 'file systems are not drilled', {
      advice:
        'holdfast verify efs/<name> compares a snapshot with its manifest; holdfast restore efs/<name> restores one.',
    });
  if (flags.all && flags.snapshot !== undefined)
    throw new HoldfastError('Usage', '--all does not apply together with --snapshot', {
      advice: '--snapshot names the one snapshot that is drilled, --all takes every one.',
    });
  await requireVault(vault, sources);
  const catalogue = new Catalogue(vault);
  const began = performance.now();
  const entries = await chosen(catalogue, flags, typed);
  if (entries.length === 0) throw nothingTo('drill', vault);
  const indexer = await chooseIndexer();
  const progress = output.progress(entries.length);
  const noted: DrillResult[] = [];
  const started = new Date();
  let damaged = 0;
  let drilled = 0;
  onStop(() => `${drilled} of ${count(entries.length, 'snapshot')} drilled; what was found is kept in the vault.`);
  try {
    await pMap(
      entries,
      async (entry) => {
        if (signal.aborted) throw interrupted(signal);
        const name = `${addressOf(entry.item)} ${entry.snapshot}`;
        const result = await drillSnapshot(vault, catalogue, entry.item, entry.snapshot, {
          indexer,
          signal,
          onProgress: (bytes) => progress.update(name, bytes),
          onPhase: (phase) => progress.phase(name, phase),
          onTotal: (bytes) => progress.start(name, bytes),
        });
        progress.finish(name);
        const { item, ...found } = result;
        output.event<DrillEvent>({
          event: 'drilled',
          address: addressOf(item),
          ...found,
          ...countedBy(found.proven),
          verdict: result.problems.length === 0 ? 'intact' : 'damaged',
        });
        if (result.problems.length === 0)
          output.line(`${output.paint('green', 'restores')}  ${name}  ${provenOf(result)}`);
        else damaged++;
        for (const problem of result.problems) output.result(`${output.paint('red', 'damaged ')}  ${name}: ${problem}`);
        if (await recordCheck(vault, result, 'drill')) noted.push(result);
        drilled++;
      },
      { concurrency: flags.concurrency },
    );
  } finally {
    progress.stop();
    const ofAll = typed === undefined && !flags.all && drilled === entries.length;
    await recordDrill(vault, 'drill', started, noted, ofAll);
  }
  output.event<DrillEvent>({ event: 'total', snapshots: entries.length, damaged });
  output.line(
    `${count(entries.length, 'snapshot')} drilled in ${formatDuration(performance.now() - began)}: ${damaged === 0 ? 'all restore' : `${damaged} damaged`}`,
  );
  return damaged === 0 ? exitCode.well : exitCode.damage;
}

function provenOf({ proven, bytes }: DrillResult): string {
  return [...Object.entries(proven).map(([what, number]) => count(number, what)), formatBytes(bytes)].join(', ');
}

/** As earlier versions named it, even where there is none of it. */
function countedBy({ ref = 0, object = 0, asset = 0 }: DrillResult['proven']) {
  return { refs: ref, objects: object, assets: asset };
}

async function chosen(catalogue: Catalogue, flags: DrillFlags, typed: string | undefined): Promise<SnapshotEntry[]> {
  if (typed !== undefined) {
    const { items } = await findItems(catalogue, typed);
    return flags.all ? items.flatMap(({ snapshots }) => snapshots) : findSnapshots(items, flags.snapshot);
  }
  if (flags.snapshot !== undefined)
    throw new HoldfastError('Usage', '--snapshot needs an item', { advice: 'holdfast drill <item> --snapshot <id>' });
  const entries: SnapshotEntry[] = [];
  for (const source of sources) {
    for await (const item of catalogue.items(source)) {
      const whole = item.snapshots.filter((entry) => entry.hasManifest);
      entries.push(...(flags.all ? whole : whole.slice(-1)));
    }
  }
  return entries;
}
