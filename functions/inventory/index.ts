import { inventoryEventSchema, runOf, type InventoryResult } from '#core/run/events.ts';
import { openDeployedSource } from '#core/run/deployed-source.ts';
import { itemsKey, mapPrefix } from '#core/run/run-files.ts';
import { defaultLargestShrinkage } from '#core/run/shrinkage.ts';
import { storeItems, takeInventoryOf } from '#core/run/take-inventory.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { lambdaFunction } from '#core/runtime/lambda-function.ts';
import { loadEarly } from '#core/run/preload.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';

await loadEarly(['s3', 'source']);

/** Lists what the source holds now, stores the list in the vault, and answers where it is. */
export const handler = lambdaFunction({
  name: 'inventory',
  event: inventoryEventSchema,
  ids: ({ source, started }) => ({ source, run: runOf(started) }),
  outOfTime: new HoldfastError('Unavailable', 'the inventory took longer than the function may', {
    advice: 'For GitHub, raise BACKUP_REQUESTS_PER_MINUTE in the secret.',
  }),
  work: async ({ source, started, execution }, { logger, signal }): Promise<InventoryResult> => {
    const configuration = readConfiguration(['HOLDFAST_ARTIFACTS', 'HOLDFAST_CONCURRENCY']);
    const { HOLDFAST_ARTIFACTS: bucket, HOLDFAST_CONCURRENCY: concurrency } = configuration;
    const deployed = await openDeployedSource({ signal });
    try {
      const run = runOf(started);
      const vault = await openVault(deployed.vault);
      const inventory = await takeInventoryOf(execution, {
        source: deployed.source,
        vault,
        run,
        largestShrinkage: defaultLargestShrinkage,
      });
      const selected = await storeItems(await openVault(`s3://${bucket}`), run, inventory);
      const skipped = inventory.listed.length - selected;
      logger.info('listed', { selected, skipped, warnings: inventory.warnings });
      return {
        source,
        run,
        vault: deployed.vault,
        bucket,
        itemsKey: itemsKey(source, run),
        mapPrefix: mapPrefix(source, run),
        selected,
        skipped,
        notifySuccess: deployed.notifySuccess,
        objectives: deployed.objectives,
        requestsPerMinute: Math.max(1, Math.floor(deployed.requestsPerMinute / concurrency)),
      };
    } finally {
      deployed.close();
    }
  },
});
