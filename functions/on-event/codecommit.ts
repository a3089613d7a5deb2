import { union, type InferOutput } from 'valibot';
import { backUpChanged, fold, type ChangedItem } from '#core/run/back-up-changed.ts';
import { largestForLambda, withDefaults } from '#core/run/deployed-source.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { hasCode, messageOf } from '#core/runtime/errors.ts';
import type { Invocation } from '#core/runtime/lambda-function.ts';
import { publish } from '#core/runtime/notify.ts';
import { clearScratch } from '#core/runtime/scratch.ts';
import { openDeployedCodeCommit } from '#core/sources/codecommit/deployed.ts';
import { deletionEventSchema, repositoryEventSchema } from '#core/sources/codecommit/event.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';
import { readEvents, type Message } from './batch.ts';
import { handOver } from './hand-over.ts';

const eventSchema = union([repositoryEventSchema, deletionEventSchema]);

/** @returns the messages that must come again */
export async function onRepositoryEvents(messages: readonly Message[], invocation: Invocation): Promise<string[]> {
  const { events, failed } = readEvents(eventSchema, messages, invocation);
  const pushes: (ChangedItem & { key: string })[] = [];
  const fail = (item: string, keys: readonly string[], error: unknown): void => {
    invocation.logger.error('failed', { item, reason: messageOf(error) });
    failed.push(...keys);
  };
  for (const { key, event } of events) {
    if (!('deleted' in event)) pushes.push({ ...event, key });
    else await tellDeleted(event, invocation).catch((error: unknown) => fail(event.deleted, [key], error));
  }
  for (const [at, change] of fold(pushes).entries())
    await settle(change, at === 0, invocation).catch((error: unknown) => fail(change.item.name, change.keys, error));
  return failed;
}

/** What is deleted at its source stays in the vault, and the operator should know. */
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
async function settle(change: ChangedItem, first: boolean, invocation: Invocation): Promise<void> {
  await clearScratch();
  const { logger, signal } = invocation;
  const { item, time } = change;
  const deployed = withDefaults(openDeployedCodeCommit({ env: process.env, signal }));
  try {
    const vault = await openVault(deployed.vault, { addOnly: true });
    const { source } = deployed;
    const leftOut = await source.leftOut(item);
    if (leftOut !== undefined) {
      logger.info('not one of the selected ones', { item: item.name, reason: leftOut });
      return;
    }
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
    await handOver({ item, run: snapshotIdOf(time), vault: deployed.vault }, invocation);
  } finally {
    deployed.close();
  }
}
