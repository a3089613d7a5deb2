import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as v from 'valibot';
import { lastCompleteRun } from '#core/run/freshness.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { lambdaFunction } from '#core/runtime/lambda-function.ts';

/** What the metric says where no run was ever complete: ten years, in hours. */
const never = 87_600;

/** Measures how long the last complete run is ago, so that an alarm sees a schedule that silently stopped. */
export const handler = lambdaFunction({
  name: 'freshness',
  event: v.object({}),
  ids: () => ({}),
  outOfTime: new HoldfastError('Unavailable', 'the check took longer than the function may'),
  work: async (_event, { logger, metrics }) => {
    const { HOLDFAST_SOURCE: source, HOLDFAST_STATE_MACHINE: stateMachine } = readConfiguration([
      'HOLDFAST_SOURCE',
      'HOLDFAST_STATE_MACHINE',
    ]);
    const last = await lastCompleteRun(stateMachine);
    const hours = last ? (Date.now() - last.getTime()) / 3_600_000 : never;
    metrics.addDimension('source', source);
    metrics.addMetric('HoursSinceSuccess', MetricUnit.NoUnit, hours);
    logger.info('measured', { hours, last: last?.toISOString() });
    return { hours };
  },
});
