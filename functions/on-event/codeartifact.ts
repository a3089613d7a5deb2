import pMap from 'p-map';
import { backUpVersion } from '#core/packages/backup/back-up-version.ts';
import type { BackupOptions } from '#core/repositories/backup/options.ts';
import { npmTagsBy, withDefaults } from '#core/run/deployed-source.ts';
import { hasCode, messageOf } from '#core/runtime/errors.ts';
import type { Invocation } from '#core/runtime/lambda-function.ts';
import { openDeployedCodeArtifact } from '#core/sources/codeartifact/deployed.ts';
import type { DeployedSource } from '#core/sources/deployed.ts';
import { packageEventSchema } from '#core/sources/codeartifact/event.ts';
import { packageItem, versionItem, type VersionPlace } from '#core/sources/codeartifact/places.ts';
import type { CodeArtifactSource } from '#core/sources/codeartifact/codeartifact-source.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { openVault } from '#core/vault/storage/open-vault.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { readEvents, type Message } from './batch.ts';
import { handOver } from './hand-over.ts';

/** Versions at once; each may have several assets on their way. */
const concurrency = 4;

/** @returns the messages that must come again */
export async function onPackageEvents(messages: readonly Message[], invocation: Invocation): Promise<string[]> {
  const { events, failed } = readEvents(packageEventSchema, messages, invocation);
  const { signal } = invocation;
  const deployed = withDefaults(
    openDeployedCodeArtifact({ env: process.env, signal, npmTags: (http) => npmTagsBy(http, signal) }),
  );
  try {
    const vault = await openVault(deployed.vault, { addOnly: true });
    const settle = async ([at, { place, keys }]: [number, Changed]): Promise<void> => {
      try {
        await settleVersion({ deployed, vault, invocation }, place, at < concurrency);
      } catch (error) {
        invocation.logger.error('failed', { item: versionItem(place).name, reason: messageOf(error) });
        failed.push(...keys);
      }
    };
    await pMap(fold(events).entries(), settle, { concurrency });
    return failed;
  } finally {
    deployed.close();
  }
}

interface Changed {
  place: VersionPlace;
  keys: string[];
}

/** Several events of one version ask for one look at it. */
function fold(events: readonly { key: string; event: VersionPlace }[]): Changed[] {
  const changed = new Map<string, Changed>();
  for (const { key, event: place } of events) {
    const { id } = versionItem(place);
    const known = changed.get(id) ?? { place, keys: [] };
    known.keys.push(key);
    changed.set(id, known);
  }
  return [...changed.values()];
}

interface Settling {
  deployed: DeployedSource<CodeArtifactSource, BackupOptions>;
  vault: Vault;
  invocation: Invocation;
}

/** @param first whether the whole time of the invocation was there for it */
async function settleVersion(
  { deployed, vault, invocation }: Settling,
  place: VersionPlace,
  first: boolean,
): Promise<void> {
  const { logger, signal } = invocation;
  const { source, options } = deployed;
  const item = versionItem(place).name;
  if (!source.selects(place)) {
    logger.info('not one of the selected ones', { item });
    return;
  }
  try {
    const outcome = await backUpVersion({ source, vault, tags: options.tags, retry: options.retry, signal }, place);
    const reason = outcome.outcome === 'skipped' ? { reason: outcome.reason } : { warnings: outcome.warnings };
    logger.info(outcome.outcome, { item, ...reason });
  } catch (error) {
    if (hasCode(error, 'SourceMissing')) {
      logger.warn('gone before it was stored', { item, reason: messageOf(error) });
      return;
    }
    // What ran out of time behind others comes again, and then before them.
    if (!(first && hasCode(error, 'TooLargeForLambda'))) throw error;
    const run = snapshotIdOf(new Date());
    await handOver({ item: packageItem(place), run, vault: deployed.vault }, invocation);
  }
}
