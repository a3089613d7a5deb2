import { createHash, createHmac } from 'node:crypto';

/** As the SDK's credential providers give them. */
export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

export interface SignedRequest {
  region: string;
  /** The host that is asked, with its port where that is not the scheme's own. */
  host: string;
  /** The repository's path: not that of the single request. */
  path: string;
}

/**
 * The Authorization header by which CodeCommit knows a caller who has AWS credentials: the user name is the access key,
 * with the session's token behind it, and the password a signature (Signature Version 4) over the repository's address
 * with the method `GIT`, led by its time. This is the scheme of AWS's own helper, git-remote-codecommit.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function codeCommitAuthorization(
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  { region, host, path }: SignedRequest,
  now: Date,
): string {
  // Without the Z that ends times elsewhere in AWS: it comes behind the time in the password alone.
  const time = now.toISOString().replace(/[-:]|\.\d{3}Z$/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/codecommit/aws4_request`;
  const request = `GIT\n${path}\n\nhost:${host}\n\nhost\n`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${createHash('sha256').update(request).digest('hex')}`;
  const key = [day, region, 'codecommit', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const user = sessionToken === undefined ? accessKeyId : `${accessKeyId}%${sessionToken}`;
  const password = `${time}Z${hmac(key, text).toString('hex')}`;
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
