import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { storageError } from './s3-error.ts';
import { connectS3 } from './s3-client.ts';

/** The prefixes one level below another, without slashes at their ends; at most so many. */
export async function foldersBelow(bucket: string, prefix: string, most: number): Promise<string[]> {
  const { client } = connectS3();
  try {
    const { CommonPrefixes = [] } = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix === '' ? '' : `${prefix}/`,
        Delimiter: '/',
        MaxKeys: most,
      }),
    );
    return CommonPrefixes.flatMap(({ Prefix }) => (Prefix === undefined ? [] : [Prefix.replace(/\/$/, '')]));
  } catch (error) {
    throw storageError(error, prefix);
  } finally {
    client.destroy();
  }
}
