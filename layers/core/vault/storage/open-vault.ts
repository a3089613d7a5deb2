import { HoldfastError } from '#core/runtime/errors.ts';
import { hasTokenForm } from '#core/runtime/redact.ts';
import { FolderVault } from './folder/folder-vault.ts';
import type { Vault } from './vault.ts';

/** What is left of S3's 1,024 bytes for the prefix, once the longest key below it, one of the index, is taken off. */
const longestPrefix = 100;

/**
 * Opens the vault that a location names: `s3://bucket/prefix`, or a folder.
 * @param options.elsewhere whether it may be in another store than AWS's, as on a laptop
 * @throws {HoldfastError} Usage
 */
export async function openVault(location: string, options: { elsewhere?: boolean } = {}): Promise<Vault> {
  if (hasTokenForm(location)) throw new HoldfastError('Usage', 'the name of the vault looks like a token');
  if (!/^[a-z0-9]+:\/\//i.test(location)) return new FolderVault(location);
  const { bucket, prefix } = parseS3Location(location);
  // Loaded only when needed: the SDK takes longer to load than all the rest.
  const { S3Vault } = await import('./s3/s3-vault.ts');
  return new S3Vault({ bucket, prefix, ...options });
}

/** @throws {HoldfastError} Usage */
export function parseS3Location(location: string): { bucket: string; prefix: string } {
  const [, bucket, rawPrefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(location) ?? [];
  if (bucket === undefined)
    throw new HoldfastError('Usage', `${JSON.stringify(location)} is no vault`, {
      advice: 'Give a folder, or s3://bucket/prefix.',
    });
  const prefix = rawPrefix.replace(/^\/+|\/+$/g, '');
  if (Buffer.byteLength(prefix) > longestPrefix)
    throw new HoldfastError('Usage', `the vault's prefix is longer than ${longestPrefix} bytes`);
  return { bucket, prefix };
}
