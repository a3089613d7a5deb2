import { deployedDefinition } from '#core/run/deployed-source.ts';
import { loadEarly } from '#core/run/preload.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { lambdaFunction } from '#core/runtime/lambda-function.ts';
import { batchSchema } from './batch.ts';
import { onPackageEvents } from './codeartifact.ts';
import { onRepositoryEvents } from './codecommit.ts';

await loadEarly(['s3', 'source', 'kinds']);

/** What settles events, by the kind of what they tell of. */
const settlers = { repositories: onRepositoryEvents, packages: onPackageEvents };

/** Backs up what events name, soon after it has changed. Events are hints: what is stored is read from the source. */
export const handler = lambdaFunction({
  name: 'on-event',
  event: batchSchema,
  ids: () => ({ source: deployedDefinition().name }),
  outOfTime: new HoldfastError('TooLargeForLambda', 'the remaining time would not be enough'),
  work: async ({ Records }, invocation) => {
    const { name, deployed } = deployedDefinition();
    if (!deployed.events) throw new HoldfastError('ConfigurationInvalid', `the source ${name} has no events`);
    const failed = await settlers[deployed.events](Records, invocation);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  },
});
