import { GetObjectCommand } from '@aws-sdk/client-s3';
import { storageError } from './s3-error.ts';
import { connectS3 } from './s3-client.ts';

/**
 * An address by which anyone may read one object for a time, as a web page. It ends earlier where the credentials that sign
 * it do, as those of a Lambda function after some hours.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
 */
export async function timeLimitedLink(
  { bucket, prefix }: { bucket: string; prefix: string },
  key: string,
  hours: number,
): Promise<string> {
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
  const { client } = connectS3();
  try {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: prefix === '' ? key : `${prefix}/${key}`,
      ResponseContentType: 'text/html; charset=utf-8',
      ResponseCacheControl: 'no-store',
    });
    return await getSignedUrl(client, command, { expiresIn: hours * 3600 });
  } catch (error) {
    throw storageError(error, key);
  } finally {
    client.destroy();
  }
}
