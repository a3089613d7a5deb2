import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';

/** The header by which a store checks what arrives. */
export type Checksum = { ChecksumCRC32: string } | { ContentMD5: string };

/**
 * Whether the store is spared the newer checksums: some refuse them, and take MD5 as S3 always has. Set by
 * AWS_REQUEST_CHECKSUM_CALCULATION=when_required, as for all of AWS's tools.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html
 */
export async function takesOldChecksums(client: S3Client): Promise<boolean> {
  return (await client.config.requestChecksumCalculation()) === 'WHEN_REQUIRED';
}

export async function checksumOf(client: S3Client, content: Uint8Array): Promise<Checksum> {
  if (await takesOldChecksums(client)) return { ContentMD5: createHash('md5').update(content).digest('base64') };
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(content));
  return { ChecksumCRC32: bytes.toString('base64') };
}

/** Asks the store for the checksums of what it sends, unless it is one that is spared them. */
export async function withChecksum(client: S3Client): Promise<{ ChecksumMode?: 'ENABLED' }> {
  return (await client.config.responseChecksumValidation()) === 'WHEN_REQUIRED' ? {} : { ChecksumMode: 'ENABLED' };
}
