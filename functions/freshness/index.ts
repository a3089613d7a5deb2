import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as v from 'valibot';
import { lastCompleteRun } from '#core/run/freshness.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { lambdaFunction } from '#core/runtime/lambda-function.ts';

/** What the metric says where no run was ever complete: ten years, in hours. */
const never = 87_600;

/** Measures how long ago the last complete run and the last drill were, so that an alarm sees a schedule that silently stopped. */
export const handler = lambdaFunction({
  name: 'freshness',
  event: v.object({}),
  ids: () => ({}),
  outOfTime: new HoldfastError('Unavailable', 'the check took longer than the function may'),
  work: async (_event, { logger, metrics }) => {
    const {
      HOLDFAST_SOURCE: source,
      HOLDFAST_STATE_MACHINE: runs,
      HOLDFAST_DRILLS: drills,
    } = readConfiguration(['HOLDFAST_SOURCE', 'HOLDFAST_STATE_MACHINE', 'HOLDFAST_DRILLS']);
    metrics.addDimension('source', source);
    const hours = await hoursSinceSuccess(runs);
    metrics.addMetric('HoursSinceSuccess', MetricUnit.NoUnit, hours);
    const hoursSinceDrill = drills === undefined ? undefined : await hoursSinceSuccess(drills);
    if (hoursSinceDrill !== undefined) metrics.addMetric('HoursSinceDrill', MetricUnit.NoUnit, hoursSinceDrill);
    logger.info('measured', { hours, hoursSinceDrill });
    return { hours };
  },
});

async function hoursSinceSuccess(stateMachine: string): Promise<number> {
  const last = await lastCompleteRun(stateMachine);
  return last ? (Date.now() - last.getTime()) / 3_600_000 : never;
}
