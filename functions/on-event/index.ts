import { readDeployment } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { lambdaFunction } from '#core/runtime/lambda-function.ts';
import { loadEarly } from '#core/runtime/preload.ts';
import { batchSchema } from './batch.ts';
import { onPackageEvents } from './codeartifact.ts';
import { onRepositoryEvents } from './codecommit.ts';

await loadEarly(['s3', 'source']);

/** Backs up what events name, soon after it has changed. Events are hints: what is stored is read from the source. */
export const handler = lambdaFunction({
  name: 'on-event',
  event: batchSchema,
  ids: () => ({ source: readDeployment().HOLDFAST_SOURCE }),
  outOfTime: new HoldfastError('TooLargeForLambda', 'the time that is left would not do'),
  work: async ({ Records }, invocation) => {
    const settle = readDeployment().HOLDFAST_SOURCE === 'codeartifact' ? onPackageEvents : onRepositoryEvents;
    const failed = await settle(Records, invocation);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  },
});
