import type { Vault } from './storage/vault.ts';

/**
 * Whether an object is there. By a list: S3 refuses those who may list only a part of a bucket to say that an object is
 * not there, instead of saying so.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export async function isListed(vault: Vault, wanted: string): Promise<boolean> {
  for await (const { key } of vault.list(wanted)) if (key === wanted) return true;
  return false;
}
