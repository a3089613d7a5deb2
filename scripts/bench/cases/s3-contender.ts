import type { Bench } from '../bench-context.ts';
import type { Contender } from '../measure/contender.ts';
import { bytesIn } from '../measure/disk-use.ts';
import type { ServerProcess } from '../servers/server-process.ts';
import { holdfast } from './commands.ts';

/**
 * Holdfast into a bucket of a stand-in for S3.
 * @param args what it is to do, but for the vault
 */
export function intoS3(
  bench: Bench,
  name: string,
  args: readonly string[],
  s3: ServerProcess,
  environment: Readonly<Record<string, string>> = {},
): Contender {
  let before = 0;
  return {
    name,
    prepare: async () => {
      before = (await s3.figures()).bytes;
    },
    command: (folder) =>
      holdfast(bench, folder, [...args, '--vault', 's3://bench-bucket/vault'], {
        // An address of numbers, which makes the SDK put the bucket into the path.
        AWS_ENDPOINT_URL: s3.url,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'bench',
        AWS_SECRET_ACCESS_KEY: 'bench',
        AWS_EC2_METADATA_DISABLED: 'true',
        NODE_EXTRA_CA_CERTS: bench.certificate,
        ...environment,
      }),
    inspect: async (folder) => ({
      stored: (await s3.figures()).bytes - before,
      left: await bytesIn(folder),
    }),
  };
}
