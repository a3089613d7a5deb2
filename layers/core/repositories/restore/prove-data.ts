import { PackChecker } from '#core/git/pack-checker.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { DataObject, Manifest } from '#core/vault/manifest.ts';
import { proveBytes } from '#core/vault/read-proven.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { compareHeader, comparePack } from './compare.ts';
import { asDamage, openStoredBundle } from './stored-bundle.ts';

/**
 * Reads a data object of a snapshot and compares it with the snapshot's own manifest: length and SHA-256, and of a bundle
 * the refs, the prerequisites and the pack.
 * @param count takes the bytes that were read so far, and may end it by throwing
 * @throws {HoldfastError} Damaged
 */
export async function proveData(
  vault: Vault,
  data: DataObject,
  { git, kind }: Manifest,
  count: (bytes: number) => void = () => undefined,
): Promise<void> {
  if (data.format !== 'bundle') {
    await proveBytes(vault, data, count);
    return;
  }
  const { header, headerBytes, pack } = await openStoredBundle(vault, data);
  const checker = new PackChecker(header.objectFormat);
  const info = await asDamage(
    data.key,
    (async () => {
      let bytes = headerBytes;
      for await (const chunk of pack) {
        count((bytes += chunk.length));
        checker.update(chunk);
      }
      return checker.finish();
    })(),
  );
  if (kind === 'full' && header.refs.size > 0 && info.objects === 0)
    throw new HoldfastError('Damaged', `${data.key} holds refs and no objects`);
  if (!git) return;
  compareHeader(data.key, header, git);
  comparePack(data.key, info, git);
}
