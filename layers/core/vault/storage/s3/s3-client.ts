import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from '@smithy/core/config';
import { HttpRequest } from '@smithy/protocol-http';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import { bucketRegion } from '#core/runtime/aws-error.ts';
import { defaultStallMs } from '#core/runtime/http.ts';
import { readS3Settings } from './s3-settings.ts';

/** Refusals of an upload that a second try may well overcome. */
const worthAnotherTry = new Set([
  // Two conditional writes met: one of them wins, and the other finds out by trying again.
  'ConditionalRequestConflict',
  // The bytes were damaged or lost on their way.
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'IncompleteBody',
  'RequestTimeout',
]);

/** Where no region is set: other stores take any, and AWS's answer says which it is. */
const anyRegion = 'us-east-1';

/** A client of S3, or of a store that speaks as S3 does, with what is known of where it stores. */
export interface S3Connection {
  client: S3Client;
  /** The region that is asked, the bucket's own once an answer has named it, and the one that was begun with. */
  regions: () => Promise<{ bucket: string; configured: string }>;
  /** Where requests go in the place of AWS, as the environment or the profile says; undefined for AWS itself. */
  endpoint: () => Promise<URL | undefined>;
  /** The size of every part of an upload, in bytes, where it is set. */
  partBytes: number | undefined;
}

/**
 * Connects to S3. A bucket in another region than the one that is set is asked there. Uploads have our checksum, so
 * over TLS they are not hashed a second time to be signed.
 * @param stallMs how long an answer is waited for before the request is made again, in milliseconds
 */
export function connectS3(stallMs = defaultStallMs): S3Connection {
  const bucket: { region: string | undefined } = { region: undefined };
  const configured = regionFromEnvironment();
  const region = async (): Promise<string> => bucket.region ?? (await configured());
  const client = new S3Client(
    awsConfig(
      {
        region,
        maxAttempts: 5,
        // With it the SDK opens a new connection for every part.
        expectContinueHeader: false,
      },
      { answerMs: stallMs },
    ),
  );
  const endpoint = async (): Promise<URL | undefined> => {
    const configured = await client.config.serviceConfiguredEndpoint?.();
    return configured === undefined || configured === '' ? undefined : new URL(configured);
  };
  const { virtualHosted, partBytes } = readS3Settings();
  if (!virtualHosted) usePathsElsewhere(client, endpoint);
  signWithoutHashing(client);
  retryDamagedUploads(client);
  followTheBucket(client, bucket);
  return {
    client,
    regions: async () => ({ bucket: await region(), configured: await configured() }),
    endpoint,
    partBytes,
  };
}

/** The region of the environment or the profile. */
function regionFromEnvironment(): () => Promise<string> {
  const configured = loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS);
  return async () => (await configured().catch(() => '')) || anyRegion;
}

/**
 * At AWS the bucket is part of the host's name. Other stores take that only where their names were set up, and nearly
 * all of them take the bucket as the first part of the path.
 */
function usePathsElsewhere(client: S3Client, endpoint: S3Connection['endpoint']): void {
  // The SDK asks functions for each request, and knows by then what the environment and the profile say.
  const value = async (): Promise<boolean> => (await endpoint()) !== undefined;
  Object.defineProperty(client.config, 'forcePathStyle', { value, enumerable: true });
}

function signWithoutHashing(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request;
      // Over TLS the transport protects the bytes and the checksum the part; SHA-256 over every part would cost more
      // time than all the rest. Without TLS the signature stays over the content.
      if (HttpRequest.isInstance(request) && request.protocol === 'https:' && request.method === 'PUT')
        request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(args);
    },
    { step: 'build', name: 'unsignedPayloadOverTls', priority: 'low' },
  );
}

function retryDamagedUploads(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof S3ServiceException && worthAnotherTry.has(error.name))
          Object.assign(error, { $retryable: { throttling: false } });
        throw error;
      }
    },
    { step: 'deserialize', name: 'retryDamagedUploads', priority: 'high' },
  );
}

/** The SDK's own way to follow a bucket looks again for each request, and mixes up requests made at the same time. */
function followTheBucket(client: S3Client, bucket: { region: string | undefined }): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const told = bucketRegion(error);
        if (told === undefined || told === bucket.region) throw error;
        bucket.region = told;
        return next(args);
      }
    },
    { step: 'initialize', name: 'followTheBucket' },
  );
}
