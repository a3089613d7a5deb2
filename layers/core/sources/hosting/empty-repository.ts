import type { RequestBody, Service, Transport } from '#core/git/transport.ts';
import { hasCode } from '#core/runtime/errors.ts';

/** A flush packet: what a server lists that has no refs (gitprotocol-pack, "Reference Discovery"). */
const noRefs = Buffer.from('0000');

/**
 * A way to a repository that its host makes only when something is first stored in it, as hosts do with wikis: where
 * it is not there and the host confirms that it could be read, it is an empty repository.
 * @param isReadable asks the host whether the credential may read what the repository belongs to
 */
export function orEmpty(transport: Transport, isReadable: () => Promise<boolean>): Transport {
  return {
    address: transport.address,
    async advertisement(service: Service, version: 0 | 2): Promise<AsyncIterable<Buffer>> {
      try {
        return await transport.advertisement(service, version);
      } catch (error) {
        if (!hasCode(error, 'SourceMissing') || service !== 'git-upload-pack' || !(await isReadable())) throw error;
        return one(noRefs);
      }
    },
    exchange: (service: Service, version: 0 | 2, body: RequestBody) => transport.exchange(service, version, body),
    close: () => transport.close(),
  };
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}
