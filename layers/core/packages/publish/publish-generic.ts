import { Readable } from 'node:stream';
import type Bottleneck from 'bottleneck';
import { HoldfastError } from '#core/runtime/errors.ts';
import { retry } from '#core/runtime/retry.ts';
import type { StoredAsset } from '../restore/stored-package.ts';
import { outgoing, publishing, type Publication, type Publish, type Registry } from './publication.ts';

/**
 * Publishes packages of no particular kind by the API: the version stays unfinished until its last asset.
 * https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_PublishPackageVersion.html
 * @param limiter keeps to the account's quota of that request
 */
export function publishGeneric(limiter: Bottleneck): Publish {
  return async (registry, publication) => {
    for (const asset of publication.missing)
      await retry(() => limiter.schedule(() => publishAsset(registry, publication, asset)), registry.policy, {
        signal: registry.signal,
      });
  };
}

async function publishAsset(
  { api }: Registry,
  { version, missing, existing, onBytes }: Publication,
  asset: StoredAsset,
): Promise<void> {
  // The SDK notices no failure of a stream that it sends.
  const stop = new AbortController();
  let failure: HoldfastError | undefined;
  const bytes = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* outgoing(asset, onBytes);
    } catch (error) {
      if (error instanceof HoldfastError) failure = error;
      stop.abort();
      throw error;
    }
  };
  const content = Readable.from(bytes(), { objectMode: false });
  content.on('error', () => stop.abort());
  // A version that is published already never becomes unfinished again.
  const unfinished = asset !== missing.at(-1) && (existing === undefined || existing.status === 'Unfinished');
  const { name, bytes: length, sha256 } = asset;
  const sent = { name, bytes: length, sha256, content, unfinished };
  try {
    await api.publishAsset(version, sent, publishing(asset, version), stop.signal);
  } catch (error) {
    throw failure ?? error;
  } finally {
    content.destroy();
  }
}
