import { backUpItem } from '#core/run/back-up-item.ts';
import { largestForLambda, openDeployedSource } from '#core/run/deployed-source.ts';
import { backupEventSchema } from '#core/run/events.ts';
import { HoldfastError, hasCode } from '#core/runtime/errors.ts';
import { lambdaFunction } from '#core/runtime/lambda-function.ts';
import { loadEarly } from '#core/run/preload.ts';
import { clearScratch } from '#core/runtime/scratch.ts';
import type { PackageOutcome, Stored, Unchanged } from '#core/vault/outcome.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';

await loadEarly(['s3', 'source', 'kinds']);

const tooLarge = (why: string): HoldfastError => new HoldfastError('TooLargeForLambda', why);

/** Backs up one item, or says in time that it belongs into CodeBuild. */
export const handler = lambdaFunction({
  name: 'backup',
  event: backupEventSchema,
  ids: ({ source, run, item }) => ({ source, run, item: item.item.name }),
  outOfTime: tooLarge('the remaining time would not be enough'),
  work: async (event, { logger, signal }): Promise<Stored | Unchanged | PackageOutcome> => {
    await clearScratch();
    const { item, estimatedBytes = 0 } = event.item;
    if (estimatedBytes > largestForLambda) throw tooLarge(`${item.name} is reported to have ${estimatedBytes} bytes`);
    const { requestsPerMinute, run } = event;
    const deployed = await openDeployedSource({ requestsPerMinute, signal });
    try {
      // The vault of the run, not of the secret's present value: a run goes to one place.
      const vault = await openVault(event.vault, { addOnly: true });
      const outcome = await backUpItem(
        {
          source: deployed.source,
          vault,
          run,
          announced: true,
          options: { ...deployed.options, streamLimit: largestForLambda },
          signal,
          onRetry: (_item, error) => logger.warn('trying again', { code: error.code, reason: error.message }),
        },
        item,
      );
      const stored = 'versions' in outcome ? { versions: outcome.versions } : { snapshot: outcome.snapshot };
      logger.info(outcome.outcome, { ...stored, warnings: outcome.warnings });
      return outcome;
    } catch (error) {
      // It needs more time or room than there is here; CodeBuild has it.
      if (hasCode(error, 'TooLarge')) throw tooLarge(error.message);
      throw error;
    } finally {
      deployed.close();
    }
  },
});
