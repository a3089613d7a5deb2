import { openDeployedGitHub } from '#core/run/deployed-github.ts';
import { inventoryEventSchema, runOf, type InventoryResult } from '#core/run/events.ts';
import { itemsKey, mapPrefix } from '#core/run/run-files.ts';
import { defaultLargestShrinkage } from '#core/run/shrinkage.ts';
import { storeItems, takeInventory } from '#core/run/take-inventory.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { lambdaFunction } from '#core/runtime/lambda-function.ts';
import { loadEarly } from '#core/runtime/load-early.ts';
import { openVault, parseS3Location } from '#core/vault/open-vault.ts';

await loadEarly('s3', 'secrets', 'github');

/** Lists what the source holds now, stores the list in the vault, and answers where it is. */
export const handler = lambdaFunction({
  name: 'inventory',
  event: inventoryEventSchema,
  ids: ({ source, started }) => ({ source, run: runOf(started) }),
  outOfTime: new HoldfastError('Unavailable', 'the inventory took longer than the function may', {
    advice: 'Raise BACKUP_REQUESTS_PER_MINUTE in the secret.',
  }),
  work: async ({ source, started }, { logger, signal }): Promise<InventoryResult> => {
    const configuration = readConfiguration(['HOLDFAST_SECRET', 'HOLDFAST_BUCKET', 'HOLDFAST_CONCURRENCY']);
    const { HOLDFAST_SECRET: secret, HOLDFAST_BUCKET: bucket, HOLDFAST_CONCURRENCY: concurrency } = configuration;
    const github = await openDeployedGitHub({ secret, bucket, signal });
    try {
      const run = runOf(started);
      const vault = await openVault(github.vault);
      const { prefix } = parseS3Location(github.vault);
      const inBucket = (key: string): string => (prefix === '' ? key : `${prefix}/${key}`);
      const inventory = await takeInventory({
        source: github.source,
        vault,
        run,
        largestShrinkage: defaultLargestShrinkage,
      });
      const selected = await storeItems(vault, run, inventory);
      const skipped = inventory.listed.length - selected;
      logger.info('listed', { selected, skipped, warnings: inventory.warnings });
      return {
        source,
        run,
        vault: github.vault,
        bucket,
        itemsKey: inBucket(itemsKey(source, run)),
        mapPrefix: inBucket(mapPrefix(source, run)),
        selected,
        skipped,
        notifySuccess: github.notifySuccess,
        requestsPerMinute: Math.max(1, Math.floor(github.requestsPerMinute / concurrency)),
      };
    } finally {
      github.close();
    }
  },
});
