import { array, object, string, union, type InferOutput } from 'valibot';
import { largestForLambda, openDeployedSource } from '#core/run/deployed-source.ts';
import { backUpChanged, fold, type ChangedItem } from '#core/run/back-up-changed.ts';
import { startBuild } from '#core/runtime/builds.ts';
import { readConfiguration, readDeployment } from '#core/runtime/configuration.ts';
import { HoldfastError, hasCode, messageOf } from '#core/runtime/errors.ts';
import { lambdaFunction, type Invocation } from '#core/runtime/lambda-function.ts';
import { loadEarly } from '#core/runtime/load-early.ts';
import { publish } from '#core/runtime/notify.ts';
import { parseJson } from '#core/runtime/schema.ts';
import { clearScratch } from '#core/runtime/scratch.ts';
import { deletionEventSchema, repositoryEventSchema } from '#core/sources/codecommit/event.ts';
import { openVault } from '#core/vault/open-vault.ts';
import { snapshotIdOf } from '#core/vault/layout.ts';

await loadEarly(['s3', 'source']);

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting */
const batchSchema = object({ Records: array(object({ messageId: string(), body: string() })) });

const eventSchema = union([repositoryEventSchema, deletionEventSchema]);

/** Backs up what events name, soon after a push. Events are hints: what is stored is read from the source. */
export const handler = lambdaFunction({
  name: 'on-event',
  event: batchSchema,
  ids: () => ({ source: readDeployment().HOLDFAST_SOURCE }),
  outOfTime: new HoldfastError('TooLargeForLambda', 'the time that is left would not do'),
  work: async ({ Records }, invocation) => {
    const failed: string[] = [];
    const events: (ChangedItem & { key: string })[] = [];
    for (const { messageId, body } of Records) {
      try {
        const event = parseJson(eventSchema, body, 'the event', 'Usage');
        if ('deleted' in event) await tellDeleted(event, invocation);
        else events.push({ ...event, key: messageId });
      } catch (error) {
        // It ends in the dead-letter queue, where somebody looks at it.
        invocation.logger.error('no event of CodeCommit, or one that could not be told', {
          messageId,
          reason: messageOf(error),
        });
        failed.push(messageId);
      }
    }
    for (const [at, change] of fold(events).entries())
      await settle(change, at === 0, invocation).catch((error: unknown) => {
        const { name } = change.item;
        invocation.logger.error('failed', {
          item: name,
          reason: messageOf(error),
        });
        failed.push(...change.keys);
      });
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  },
});

/** What is deleted at its source stays in the vault, and somebody should know. */
async function tellDeleted(
  { deleted, by, at }: InferOutput<typeof deletionEventSchema>,
  { logger }: Invocation,
): Promise<void> {
  const { HOLDFAST_TOPIC } = readConfiguration(['HOLDFAST_TOPIC']);
  logger.warn('deleted at its source; its snapshots are kept', { item: deleted, by });
  await publish(HOLDFAST_TOPIC, {
    subject: 'Holdfast: a repository of CodeCommit was deleted',
    text: `The repository ${deleted} was deleted by ${by} at ${at}.\nIts snapshots are kept: holdfast show codecommit/${deleted}\n`,
  });
}

/** @param first whether the whole time of the invocation was there for it */
async function settle(change: ChangedItem, first: boolean, { logger, signal }: Invocation): Promise<void> {
  await clearScratch();
  const { item, time } = change;
  const deployed = await openDeployedSource({ deployment: readDeployment(), signal });
  try {
    const vault = await openVault(deployed.vault);
    const { source } = deployed;
    const options = { ...deployed.options, streamLimit: largestForLambda };
    const outcome = await backUpChanged({ source, vault, options, signal }, change);
    logger.info(outcome?.outcome ?? 'stored since', { item: item.name });
  } catch (error) {
    if (hasCode(error, 'SourceMissing')) {
      logger.warn('gone; its snapshots are kept', { item: item.name });
      return;
    }
    // What ran out of time behind others comes again, and then before them.
    if (!hasCode(error, 'TooLarge') && !(first && hasCode(error, 'TooLargeForLambda'))) throw error;
    const { HOLDFAST_PROJECT } = readConfiguration(['HOLDFAST_PROJECT']);
    const build = await startBuild(HOLDFAST_PROJECT, {
      HOLDFAST_ITEM: JSON.stringify({ item }),
      HOLDFAST_RUN: snapshotIdOf(time),
      HOLDFAST_VAULT: deployed.vault,
    });
    logger.info('goes on in CodeBuild', { item: item.name, build });
  } finally {
    deployed.close();
  }
}
