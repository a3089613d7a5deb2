import { retentionEventSchema } from '#core/run/events.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { lambdaFunction } from '#core/runtime/lambda-function.ts';
import { loadEarly } from '#core/run/preload.ts';
import { parse } from '#core/runtime/schema.ts';
import { retentionSettingsSchema } from '#core/vault/retention-policy.ts';
import { applyRetention } from '#core/vault/retention.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';

await loadEarly(['s3']);

/** Removes what the policy of the deployment no longer keeps. The only function that may delete. */
export const handler = lambdaFunction({
  name: 'retention',
  event: retentionEventSchema,
  ids: ({ source, run }) => ({ source, run }),
  outOfTime: new HoldfastError(
    'Unavailable',
    'the retention took longer than the function may; the next run continues',
  ),
  work: async ({ source, vault: location }, { logger, signal }) => {
    const { HOLDFAST_RETENTION } = readConfiguration(['HOLDFAST_RETENTION']);
    const { dryRun, ...policy } = parse(retentionSettingsSchema, HOLDFAST_RETENTION, 'HOLDFAST_RETENTION');
    const vault = await openVault(location);
    const result = await applyRetention(vault, {
      source,
      policy,
      now: new Date(),
      dryRun,
      signal,
      onRemoved: ({ item, snapshot, bytes }) =>
        logger.info(dryRun ? 'would remove' : 'removed', { item, snapshot, bytes }),
      onSpared: ({ item, why }) => logger.warn('spared', { item, why }),
      onBusy: ({ item, why }) => logger.info('busy', { item, why }),
    });
    return { ...result, dryRun };
  },
});
