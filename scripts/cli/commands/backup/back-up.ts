import { defaultBackupOptions, type BackupOptions } from '#core/repositories/backup/options.ts';
import { missedObjectives } from '#core/run/measured-objectives.ts';
import { addsUp, type Report } from '#core/run/report.ts';
import { runBackup } from '#core/run/run.ts';
import { defaultLargestShrinkage } from '#core/run/shrinkage.ts';
import type { ListedSource } from '#core/sources/source.ts';
import { runPrefix } from '#core/vault/layout.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { doesNotApply } from '../../applicable.ts';
import type { Context } from '../../context.ts';
import { ensureCreatesOnce } from '../../ensure-creates-once.ts';
import { exitCodeOfRun } from '../../exit-codes.ts';
import { count, formatBytes, formatDuration } from '../../format.ts';
import { isStartedByRun } from '../../hand-on.ts';
import type { Output } from '../../output.ts';
import { refSelection } from '../../ref-selection.ts';
import { tellOutcome } from '../../tell-outcome.ts';
import type { BackupEvent } from './events.ts';

/** What a run over any source takes. */
export interface RunFlags {
  concurrency: number;
  acceptOverwrites: boolean;
  /** Only say what would be taken. */
  dryRun: boolean;
  /** In seconds. */
  rpo?: number;
  rto?: number;
}

/** What a run over repositories takes. */
export interface BackupFlags extends RunFlags {
  refs: string[];
  format?: BackupOptions['format'];
  full: boolean;
  longestChain: number;
  heaviestChain: number;
  checkObjects: boolean;
  /** In bytes, of the objects of Git LFS of one repository. */
  lfsLimit?: number;
  stallSeconds: number;
}

/** One run over a source, shown to the user. */
export async function backUp(
  context: Context,
  flags: (BackupFlags | RunFlags) & { acceptShrinkage?: boolean },
  source: ListedSource,
  defaults: Partial<BackupOptions> = {},
): Promise<number> {
  const options = 'refs' in flags ? backupOptions(context, flags, defaults) : defaultBackupOptions;
  const largestShrinkage = flags.acceptShrinkage === true ? 1 : defaultLargestShrinkage;
  if (flags.dryRun) {
    const { tellPlan } = await import('./tell-plan.ts');
    return tellPlan(context, { source, options, largestShrinkage, concurrency: flags.concurrency });
  }
  const { vault, output, signal } = context;
  await ensureCreatesOnce(context, flags.acceptOverwrites);
  const run = snapshotIdOf(new Date());
  const began = performance.now();
  let progress = output.progress(0);
  try {
    const report = await runBackup({
      source,
      vault,
      run,
      signal,
      options,
      concurrency: flags.concurrency,
      largestShrinkage,
      objectives: { rpo: flags.rpo, rto: flags.rto },
      observer: {
        inventory: ({ listed }) =>
          (progress = output.progress(listed.filter((item) => item.skipped === undefined).length)),
        started: (item) => progress.phase(item.name, 'waiting for the server'),
        progress: (item, bytes) => {
          progress.phase(item.name, 'receiving');
          progress.update(item.name, bytes);
        },
        noted: (item, note) => output.line(`${item.name}: ${note}`),
        retrying: (item, error) => output.line(`${item.name}: ${error.message}; trying again`),
        finished: (outcome) => {
          if (outcome.outcome !== 'skipped') progress.finish(outcome.item.name);
          tellOutcome(output, outcome);
        },
      },
    });
    progress.stop();
    summarise(output, report, vault.location, performance.now() - began);
    if (isStartedByRun()) await (await import('./hand-on-notice.ts')).handOnNotice(vault, report);
    return exitCodeOfRun(report.result);
  } finally {
    progress.stop();
    source.close();
  }
}

function backupOptions({ given }: Context, flags: BackupFlags, defaults: Partial<BackupOptions>): BackupOptions {
  const base = { ...defaultBackupOptions, ...defaults };
  const format = flags.format ?? base.format;
  for (const option of ['full', 'longestChain', 'heaviestChain'])
    if (format !== 'bundle' && given.has(option))
      throw doesNotApply(
        given.get(option) ?? option,
        `a backup as ${format}`,
        'decides between full and incremental snapshots, and an archive is always whole',
      );
  return {
    ...base,
    format,
    refs: flags.refs.length > 0 ? refSelection(flags.refs) : base.refs,
    full: flags.full,
    longestChain: flags.longestChain,
    heaviestChain: flags.heaviestChain,
    checkObjects: flags.checkObjects,
    lfsLimit: flags.lfsLimit ?? base.lfsLimit,
  };
}

function summarise(output: Output, report: Report, location: string, milliseconds: number): void {
  const { items: _, ...rest } = report;
  const place = `${runPrefix(report.source, report.run)}report.json`;
  output.event<BackupEvent>({ event: 'report', ...rest, report: place });
  for (const warning of report.warnings) output.line(`${output.paint('yellow', 'note')}  ${warning}`);
  if (report.error) {
    output.result(`${output.paint('red', 'failed')}  ${report.error.code}: ${report.error.message}`);
    if (report.error.advice !== undefined) output.result(`        ${report.error.advice}`);
  }
  for (const missed of missedObjectives(report.objectives))
    output.result(`${output.paint('yellow', 'missed')}  ${missed}`);
  const { listed, stored, unchanged, skipped, failed } = report.coverage;
  const sum = `${listed} listed = ${stored} stored + ${unchanged} unchanged + ${skipped} skipped + ${failed} failed`;
  const result = addsUp(report.coverage) ? sum : `${sum}: the counts do not add up`;
  output.line(`${result}; ${formatBytes(report.bytes)} in ${formatDuration(milliseconds)} into ${location}`);
  if (report.result === 'interrupted')
    output.result(
      `Stopped. ${count(stored + unchanged, 'snapshot')} of this run ${stored + unchanged === 1 ? 'is' : 'are'} whole and kept; the others were not stored. Run the same command again to continue.`,
    );
  output.line(`report: ${place}`);
}
