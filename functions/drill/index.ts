import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { InferOutput } from 'valibot';
import { beat, deliver } from '#core/notifications/deliver.ts';
import { deployedAddresses, logUndelivered } from '#core/notifications/deployed.ts';
import { drillNotice, severityOfDrill } from '#core/run/drill-notice.ts';
import { drillEventSchema, reasonOf, runOf } from '#core/run/events.ts';
import { reportsOfExecutions } from '#core/run/reports-of-executions.ts';
import {
  beginDrill,
  closeDrill,
  drillPart,
  type DrilledChain,
  type DrillReport,
  type PartOfDrill,
  type ScheduledDrill,
} from '#core/run/scheduled-drill.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { lambdaFunction, type Invocation } from '#core/runtime/lambda-function.ts';
import { publish } from '#core/runtime/notify.ts';
import { loadEarly } from '#core/run/preload.ts';
import { clearScratch } from '#core/runtime/scratch.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

await loadEarly(['s3', 'kinds']);

/**
 * What a function of 3 GB indexes without git, two at a time: five times the pack in memory. Anything else is read as a
 * stream, so time is what limits it.
 */
const largest = { git: 200 << 20, other: 5e9 };

const mostPassedOn = 300;

/** Proves on a schedule that snapshots restore, part by part, and that nothing of the vault was changed. */
export const handler = lambdaFunction({
  name: 'drill',
  event: drillEventSchema,
  ids: ({ source, started }) => ({ source, drill: runOf(started) }),
  outOfTime: new HoldfastError('Unavailable', 'the time of this part is over'),
  work: (event, invocation) => (event.close ? close(event, invocation) : next(event, invocation)),
});

type DrillEvent = InferOutput<typeof drillEventSchema>;

async function next(event: DrillEvent, { logger, signal }: Invocation): Promise<PartOfDrill & { chain: DrilledChain }> {
  await clearScratch();
  const { vault, drill, executions } = await open(event);
  const chain = event.part?.chain ?? (await begin(vault, drill, executions, signal));
  const limits = { indexer: 'javascript', largest, concurrency: 2, signal } as const;
  const part = await drillPart(vault, drill, limits, event.part?.notDrilled ?? []);
  logger.info('drilled', { drilled: part.drilled, left: part.left, notDrilled: part.notDrilled.length });
  const { drilled = 0, bytes = 0 } = event.part ?? {};
  // The next part finds out again what does not fit into what may pass between states: 256 KiB.
  const notDrilled = part.notDrilled.slice(0, mostPassedOn);
  return { ...part, notDrilled, chain, drilled: drilled + part.drilled, bytes: bytes + part.bytes };
}

async function close(event: DrillEvent, { logger, metrics, signal }: Invocation): Promise<object> {
  const { HOLDFAST_TOPIC: topic } = readConfiguration(['HOLDFAST_TOPIC']);
  const { vault, drill, executions } = await open(event);
  const unfinished = event.failure ? `${event.failure.Error}: ${reasonOf(event.failure.Cause)}` : undefined;
  const { bytes = 0, notDrilled = [] } = event.part ?? {};
  // Where not even the first part came to its end.
  const chain = event.part?.chain ?? (await begin(vault, drill, executions, signal));
  const { report, key } = await closeDrill(vault, drill, { bytes, notDrilled, chain, unfinished });
  count(metrics, event.source, report);
  metrics.addMetadata('root', chain.roots.map(({ sha256 }) => sha256).join(' '));
  const { intact, damaged } = report.snapshots;
  const problems = chain.broken;
  logger.info('ended', { intact, damaged, notDrilled: notDrilled.length, problems, unfinished });
  const place = `${vault.location.replace(/\/$/, '')}/${key}`;
  const { addresses, warnings } = await deployedAddresses(event.source);
  const well = severityOfDrill(report).level === 'ok';
  warnings.push(...(await beat(addresses, { of: 'drill', well })));
  if (!well) {
    const notice = drillNotice(event.source, drill.drill, report, place);
    await publish(topic, notice);
    warnings.push(...(await deliver(notice, addresses)));
  }
  logUndelivered(logger, warnings);
  metrics.addMetric('NotificationsUndelivered', MetricUnit.Count, warnings.length);
  return { intact, damaged, problems, report: place, warnings };
}

async function open({ source, started }: DrillEvent) {
  const {
    HOLDFAST_BUCKET,
    HOLDFAST_PREFIX,
    HOLDFAST_DRILL_SLICES: slices,
    HOLDFAST_RUNS: runs,
    HOLDFAST_DRILLS: drills,
  } = readConfiguration([
    'HOLDFAST_BUCKET',
    'HOLDFAST_PREFIX',
    'HOLDFAST_DRILL_SLICES',
    'HOLDFAST_RUNS',
    'HOLDFAST_DRILLS',
  ]);
  const vault = await openVault(`s3://${HOLDFAST_BUCKET}/${HOLDFAST_PREFIX}`);
  const drill: ScheduledDrill = { source, drill: runOf(started), began: new Date(started), slices };
  const executions = [runs, drills].filter((one) => one !== undefined);
  return { vault, drill, executions };
}

async function begin(
  vault: Vault,
  drill: ScheduledDrill,
  executions: readonly string[],
  signal: AbortSignal,
): Promise<DrilledChain> {
  const known = [];
  for (const one of executions) known.push(...(await reportsOfExecutions(one, vault.location)));
  return beginDrill(vault, drill, signal, known);
}

function count(
  metrics: Invocation['metrics'],
  source: string,
  { snapshots, bytes, chain, started, finished }: DrillReport,
): void {
  metrics.addDimension('source', source);
  metrics.addMetric('DrillFindings', MetricUnit.Count, snapshots.damaged + chain.broken);
  metrics.addMetric('SnapshotsProven', MetricUnit.Count, snapshots.intact);
  metrics.addMetric('SnapshotsDamaged', MetricUnit.Count, snapshots.damaged);
  metrics.addMetric('SnapshotsNotDrilled', MetricUnit.Count, snapshots.notDrilled);
  metrics.addMetric('SnapshotsNeverChecked', MetricUnit.Count, snapshots.neverChecked);
  metrics.addMetric('ChainProblems', MetricUnit.Count, chain.broken);
  metrics.addMetric('BytesDrilled', MetricUnit.Bytes, bytes);
  metrics.addMetric('DrillSeconds', MetricUnit.Seconds, (Date.parse(finished) - Date.parse(started)) / 1000);
}
