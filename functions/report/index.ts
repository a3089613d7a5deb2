import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { union, type InferOutput } from 'valibot';
import { endEventSchema, reportEventSchema, reasonOf, runOf } from '#core/run/events.ts';
import { mapOutcomes } from '#core/run/map-results.ts';
import { storePage } from '#core/run/html/store-page.ts';
import { beat, deliver } from '#core/notifications/deliver.ts';
import { deployedAddresses, logUndelivered } from '#core/notifications/deployed.ts';
import { changesSince, severityOf } from '#core/run/changes-since.ts';
import { reportBefore, type StoredReport } from '#core/run/read-reports.ts';
import { linkReport } from '#core/run/link-report.ts';
import { messageAbout } from '#core/run/message.ts';
import { missedObjectives } from '#core/run/measured-objectives.ts';
import { withObjectives } from '#core/run/objectives.ts';
import { runNotice } from '#core/run/run-notice.ts';
import { makeReport, type Problem, type Report } from '#core/run/report.ts';
import { readInventory, reportKey, storeLatest, storeOnce } from '#core/run/run-files.ts';
import { tellOnce } from '#core/run/tell-once.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { lambdaFunction, type Invocation } from '#core/runtime/lambda-function.ts';
import { publish } from '#core/runtime/notify.ts';
import { once } from '#core/runtime/once.ts';
import { loadEarly } from '#core/run/preload.ts';
import { defaultRetryPolicy } from '#core/runtime/retry.ts';
import { digestOf } from '#core/vault/chain/digest-list.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';
import type { Objectives } from '#core/sources/objectives.ts';
import type { Vault } from '#core/vault/storage/vault.ts';

await loadEarly(['s3']);

/** Closes a run, however it went. */
export const handler = lambdaFunction({
  name: 'report',
  event: union([endEventSchema, reportEventSchema]),
  ids: ({ source, started }) => ({ source, run: runOf(started) }),
  outOfTime: new HoldfastError('Unavailable', 'the report took longer than the function may'),
  work: (event, invocation) => ('end' in event ? Promise.resolve(end(event)) : report(event, invocation)),
});

/** Says what became of every item, and tells people where that matters. */
async function report(
  { source, started, inventory: answer, map, failure }: InferOutput<typeof reportEventSchema>,
  { logger, metrics }: Invocation,
): Promise<{ result: string; reportKey: string; root: string; warnings: string[] }> {
  const configuration = readConfiguration([
    'HOLDFAST_BUCKET',
    'HOLDFAST_PREFIX',
    'HOLDFAST_TOPIC',
    'HOLDFAST_NOTIFY_SUCCESS',
  ]);
  const run = runOf(started);
  // Without an inventory nothing has said where the vault is but the deployment.
  const location = answer?.vault ?? `s3://${configuration.HOLDFAST_BUCKET}/${configuration.HOLDFAST_PREFIX}`;
  const vault = await openVault(location);
  const inventory = answer ? await readInventory(vault, source, run) : undefined;
  const digests = new Map<string, string>();
  const outcomes = map ? await mapOutcomes(vault, run, await openVault(`s3://${map.Bucket}`), map.Key, digests) : [];
  const error: Problem | undefined = failure ? { code: failure.Error, message: reasonOf(failure.Cause) } : undefined;
  const unlinked = makeReport({ source, run, started, inventory, outcomes, error, interrupted: false });
  // It is as large as this one, so it is read only where it can matter.
  const before = once(() => reportBefore(vault, source, run));
  const objectives = answer?.objectives ?? demandedIn(await before());
  const measured = await withObjectives(vault, unlinked, objectives);
  const made = await linkReport(vault, measured, defaultRetryPolicy, digests);
  const key = reportKey(source, run);
  await storeOnce(vault, key, made);
  await storeLatest(vault, made);
  const root = await digestOf(vault, key);
  const page = await pageOf(vault, made, logger);
  count(metrics, made);
  metrics.addMetadata('root', root);
  logger.info(made.result, { ...made.coverage, bytes: made.bytes, root });
  const { addresses, warnings } = await deployedAddresses(source);
  warnings.push(
    ...(await beat(addresses, {
      of: 'run',
      well: made.result === 'complete' && severityOf(made).level !== 'critical',
    })),
  );
  const missed = missedObjectives(made.objectives).length;
  const wanted = made.result !== 'complete' || configuration.HOLDFAST_NOTIFY_SUCCESS || answer?.notifySuccess === true;
  if (wanted || (missed > 0 && missed > missedObjectives((await before())?.objectives).length)) {
    const last = await before();
    const about = { root, page, changes: last && changesSince(last, made) };
    await tellOnce(vault, source, run, async () => {
      await publish(configuration.HOLDFAST_TOPIC, messageAbout(made, location, key, about));
      warnings.push(...(await deliver(runNotice(made, location, key, about), addresses)));
    });
  }
  logUndelivered(logger, warnings);
  metrics.addMetric('NotificationsUndelivered', MetricUnit.Count, warnings.length);
  return { result: made.result, reportKey: `${location.replace(/\/$/, '')}/${key}`, root, warnings };
}

/** Without an inventory the settings could not be read: then what was demanded of the run before is. */
function demandedIn(before: StoredReport | undefined): Objectives {
  const { rpo, rto } = before?.objectives ?? {};
  return { rpo: rpo?.objective, rto: rto?.objective };
}

/** A link to the page for people. What is reported is reported without it, too. */
async function pageOf(vault: Vault, report: Report, logger: Invocation['logger']): Promise<string | undefined> {
  try {
    return await storePage(vault, report, new Date());
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    logger.warn('the page of the report was not made', { code: error.code, reason: error.message });
    return undefined;
  }
}

/**
 * A redrive runs a state again that failed by a function, unlike a `Fail` state: so the redrive of an execution
 * that ended in failed items makes a new run, and without a redrive the execution shows as failed.
 * https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 * @throws {HoldfastError} PartialRun, FailedRun
 */
function end({ end: { result, reportKey, redrives, redrivesNow } }: InferOutput<typeof endEventSchema>): object {
  if (redrivesNow > redrives) return {};
  if (result === 'partial')
    throw new HoldfastError(
      'PartialRun',
      `some items were not backed up, the others were; the report says which and why: ${reportKey}`,
    );
  throw new HoldfastError('FailedRun', `nothing was backed up; the report says why: ${reportKey}`);
}

function count(
  metrics: Invocation['metrics'],
  { source, coverage, bytes, chain, started, finished, objectives }: Report,
): void {
  metrics.addDimension('source', source);
  metrics.addMetric('ItemsListed', MetricUnit.Count, coverage.listed);
  metrics.addMetric('ItemsStored', MetricUnit.Count, coverage.stored);
  metrics.addMetric('ItemsUnchanged', MetricUnit.Count, coverage.unchanged);
  metrics.addMetric('ItemsSkipped', MetricUnit.Count, coverage.skipped);
  metrics.addMetric('ItemsFailed', MetricUnit.Count, coverage.failed);
  metrics.addMetric('BytesStored', MetricUnit.Bytes, bytes);
  if (chain) {
    metrics.addMetric('Snapshots', MetricUnit.Count, chain.snapshots);
    metrics.addMetric('SnapshotsMissing', MetricUnit.Count, chain.missing);
  }
  const { rpo, rto } = objectives ?? {};
  if (rpo) metrics.addMetric('ItemsMissingRpo', MetricUnit.Count, rpo.missed);
  if (rpo?.measured !== undefined) metrics.addMetric('OldestItemSeconds', MetricUnit.Seconds, rpo.measured);
  if (rto) metrics.addMetric('RtoMissed', MetricUnit.Count, rto.missed ? 1 : 0);
  if (rto?.measured !== undefined) metrics.addMetric('RestoreSeconds', MetricUnit.Seconds, rto.measured);
  metrics.addMetric('RunSeconds', MetricUnit.Seconds, (Date.parse(finished) - Date.parse(started)) / 1000);
}
