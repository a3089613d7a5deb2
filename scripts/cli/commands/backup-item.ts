import { chooseIndexer } from '#core/recovery/build-mirror.ts';
import { backUpItem } from '#core/run/back-up-item.ts';
import { openDeployedSource } from '#core/run/deployed-source.ts';
import { listedItemSchema } from '#core/run/run-files.ts';
import { readConfiguration, readDeployment } from '#core/runtime/configuration.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { parse } from '#core/runtime/schema.ts';
import { openVault, parseS3Location } from '#core/vault/open-vault.ts';
import type { Context } from '../context.ts';
import { exitCode } from '../exit-codes.ts';
import { tellOutcome } from '../tell-outcome.ts';

/**
 * What CodeBuild runs for an item that does not fit a Lambda: the same backup, told by the environment. The run's
 * report finds what it stored in the vault.
 */
export async function backupItem({ output, signal }: Context): Promise<number> {
  const settings = readConfiguration(['HOLDFAST_ITEM', 'HOLDFAST_RUN', 'HOLDFAST_VAULT']);
  const deployment = readDeployment();
  const { item } = parse(listedItemSchema, settings.HOLDFAST_ITEM, 'HOLDFAST_ITEM');
  const { bucket } = parseS3Location(settings.HOLDFAST_VAULT);
  if (bucket !== deployment.HOLDFAST_BUCKET)
    throw new HoldfastError(
      'ConfigurationInvalid',
      `HOLDFAST_VAULT is not in the bucket ${deployment.HOLDFAST_BUCKET}`,
    );
  const vault = await openVault(settings.HOLDFAST_VAULT);
  const deployed = await openDeployedSource({ deployment, signal });
  try {
    const { source } = deployed;
    const indexer = await chooseIndexer();
    // With native git on a real disk an archive may be of any size.
    const archiveLimit = indexer === 'native' ? Infinity : deployed.options.archiveLimit;
    // Only what does not fit a function comes here.
    const options = { ...deployed.options, indexer, archiveLimit, large: true };
    const onRetry = (_item: unknown, error: HoldfastError): void => output.line(`${error.message}; trying again`);
    const outcome = await backUpItem({ source, vault, run: settings.HOLDFAST_RUN, options, signal, onRetry }, item);
    tellOutcome(output, outcome);
    return exitCode.well;
  } finally {
    deployed.close();
  }
}
