import * as v from 'valibot';
import { chooseIndexer } from '#core/repositories/restore/build-mirror.ts';
import { backUpItem, failure } from '#core/run/back-up-item.ts';
import { openDeployedSource } from '#core/run/deployed-source.ts';
import { listedItemSchema } from '#core/run/run-files.ts';
import { readConfiguration } from '#core/runtime/configuration.ts';
import { HoldfastError, throwIfInterrupted } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';
import { openVault, parseS3Location } from '#core/vault/storage/open-vault.ts';
import type { Context } from '../../context.ts';
import { exitCode } from '../../exit-codes.ts';
import { tellOutcome } from '../../tell-outcome.ts';

/** One item, or a list of them: a machine that is there already takes the next one at once. */
const itemsSchema = v.pipe(
  v.union([listedItemSchema, v.array(listedItemSchema)]),
  v.transform((items) => (Array.isArray(items) ? items : [items])),
);

/**
 * What CodeBuild runs for items that do not fit a Lambda: the same backup, told by the environment. One that fails stops
 * no other, and the build fails in the end. The run's report finds what was stored in the vault.
 */
export async function backupItem({ output, signal }: Context): Promise<number> {
  const settings = readConfiguration([
    'HOLDFAST_ITEM',
    'HOLDFAST_RUN',
    'HOLDFAST_VAULT',
    'HOLDFAST_BUCKET',
    'HOLDFAST_CHECK_OBJECTS',
  ]);
  const listed = parse(itemsSchema, settings.HOLDFAST_ITEM, 'HOLDFAST_ITEM');
  const { bucket } = parseS3Location(settings.HOLDFAST_VAULT);
  if (bucket !== settings.HOLDFAST_BUCKET)
    throw new HoldfastError('ConfigurationInvalid', `HOLDFAST_VAULT is not in the bucket ${settings.HOLDFAST_BUCKET}`);
  const vault = await openVault(settings.HOLDFAST_VAULT, { addOnly: true });
  const deployed = await openDeployedSource({ signal });
  try {
    const { source } = deployed;
    const indexer = await chooseIndexer();
    // With native git on a real disk an archive may be of any size.
    const archiveLimit = indexer === 'native' ? Infinity : deployed.options.archiveLimit;
    // Only what does not fit a function comes here.
    const checkObjects = settings.HOLDFAST_CHECK_OBJECTS;
    const options = { ...deployed.options, indexer, archiveLimit, checkObjects, large: true };
    const onRetry = (_item: unknown, error: HoldfastError): void => output.line(`${error.message}; trying again`);
    let failed = 0;
    // One after the other: a machine's disk and network are what large ones need for themselves.
    for (const { item } of listed) {
      throwIfInterrupted(signal);
      try {
        const outcome = await backUpItem({ source, vault, run: settings.HOLDFAST_RUN, options, signal, onRetry }, item);
        tellOutcome(output, outcome);
      } catch (error) {
        failed++;
        tellOutcome(output, { outcome: 'failed', item, ...failure(error) });
      }
    }
    if (failed === 0) return exitCode.well;
    return failed < listed.length ? exitCode.partial : exitCode.failed;
  } finally {
    deployed.close();
  }
}
