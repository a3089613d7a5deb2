import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { HttpRequest } from '@smithy/protocol-http';
import { HoldfastError, hasCode, messageOf, systemCode } from '#core/runtime/errors.ts';
import { defaultStallMs } from '#core/runtime/http.ts';
import { failOnStall } from '#core/runtime/stall.ts';
import { BlockWriter } from './block-writer.ts';
import type { ListedObject, ObjectWriter, StoredObject, Vault } from './vault.ts';

const MiB = 1 << 20;

/** Three parts of 8 MiB in memory at once: one fills, two are on their way. */
const partsInMemory = 3;

/**
 * The size of a part by its index. An upload may have 10,000 parts and its length is unknown, so the size doubles
 * every 1,000 parts: 8 GiB fit into parts of 8 MiB, 120 GiB into parts up to 64 MiB, and all 10,000 hold more than
 * the 5 TiB that S3 allows for an object.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export function partBytes(index: number): number {
  return (8 * MiB) << Math.min(Math.floor(index / 1000), 8);
}

export interface S3VaultOptions {
  bucket: string;
  /** Without slashes at its ends; may be empty. */
  prefix: string;
  client?: S3Client;
}

/** A vault in an S3 bucket. Needs no right to delete except for `remove` and for aborting its own uploads. */
export class S3Vault implements Vault {
  readonly location: string;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(options: S3VaultOptions) {
    this.#bucket = options.bucket;
    this.#prefix = options.prefix === '' ? '' : `${options.prefix}/`;
    this.location = `s3://${options.bucket}/${options.prefix}`;
    this.#client = options.client ?? s3Client();
  }

  writer(key: string): ObjectWriter {
    return new S3Writer(this.#client, this.#bucket, `${this.#prefix}${key}`, key);
  }

  async create(key: string, content: Uint8Array): Promise<void> {
    try {
      await this.#client.send(
        new PutObjectCommand({
          ...this.#at(key),
          Body: content,
          ContentLength: content.length,
          IfNoneMatch: '*',
          ChecksumAlgorithm: 'CRC32',
        }),
      );
    } catch (error) {
      throw storageError(error, key);
    }
  }

  async *read(key: string): AsyncIterable<Buffer> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ ...this.#at(key), ChecksumMode: 'ENABLED' }));
      // In Node the body is always a stream of this kind; the SDK's type also covers browsers.
      if (Body instanceof Readable) yield* failOnStall(Body, defaultStallMs, this.location);
    } catch (error) {
      throw storageError(error, key);
    }
  }

  async stat(key: string): Promise<{ bytes: number } | undefined> {
    try {
      const { ContentLength } = await this.#client.send(new HeadObjectCommand(this.#at(key)));
      return { bytes: ContentLength ?? 0 };
    } catch (error) {
      const failure = storageError(error, key);
      if (hasCode(failure, 'NotFound')) return undefined;
      throw failure;
    }
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    try {
      const pages = paginateListObjectsV2(
        { client: this.#client },
        { Bucket: this.#bucket, Prefix: `${this.#prefix}${prefix}` },
      );
      for await (const page of pages) {
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
          if (Key === undefined || Size === undefined || LastModified === undefined) continue;
          yield { key: Key.slice(this.#prefix.length), bytes: Size, modified: LastModified };
        }
      }
    } catch (error) {
      throw storageError(error, prefix);
    }
  }

  async remove(key: string): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand(this.#at(key)));
    } catch (error) {
      throw storageError(error, key);
    }
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${key}` };
  }
}

/** A client whose uploads are checked by a CRC each, computed by us, and not hashed a second time to be signed. */
export function s3Client(): S3Client {
  const client = new S3Client({ maxAttempts: 5 });
  client.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request;
      // Over TLS the transport protects the bytes and the CRC the part; SHA-256 over every part would cost more
      // time than all the rest. Without TLS the signature stays over the content.
      if (HttpRequest.isInstance(request) && request.protocol === 'https:' && request.method === 'PUT')
        request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(args);
    },
    { step: 'build', name: 'unsignedPayloadOverTls', priority: 'low' },
  );
  return client;
}

class S3Writer implements ObjectWriter {
  readonly #client: S3Client;
  readonly #object: { Bucket: string; Key: string };
  readonly #key: string;
  readonly #hash = createHash('sha256');
  readonly #parts: CompletedPart[] = [];
  readonly #blocks = new BlockWriter({
    blockBytes: partBytes,
    blocks: partsInMemory,
    store: (block, index) => this.#uploadPart(block, index),
  });
  #uploadId: Promise<string> | undefined;
  #bytes = 0;

  constructor(client: S3Client, bucket: string, objectKey: string, key: string) {
    this.#client = client;
    this.#object = { Bucket: bucket, Key: objectKey };
    this.#key = key;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    return this.#blocks.write(bytes);
  }

  async finish(): Promise<StoredObject> {
    try {
      const whole = this.#blocks.only();
      if (whole) await this.#put(whole);
      else await this.#complete();
    } catch (error) {
      await this.abort();
      throw storageError(error, this.#key);
    }
    return { key: this.#key, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  async abort(): Promise<void> {
    await this.#blocks.settle();
    const upload = await this.#uploadId?.catch(() => undefined);
    this.#uploadId = undefined;
    if (upload === undefined) return;
    // An upload that cannot be aborted now is swept up by the bucket's lifecycle rule.
    await this.#client
      .send(new AbortMultipartUploadCommand({ ...this.#object, UploadId: upload }))
      .catch(() => undefined);
  }

  async #put(whole: Buffer): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        ...this.#object,
        Body: whole,
        ContentLength: whole.length,
        IfNoneMatch: '*',
        ChecksumAlgorithm: 'CRC32',
      }),
    );
  }

  async #complete(): Promise<void> {
    await this.#blocks.finish();
    const Parts = this.#parts.toSorted((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
    await this.#client.send(
      new CompleteMultipartUploadCommand({
        ...this.#object,
        UploadId: await this.#started(),
        MultipartUpload: { Parts },
        IfNoneMatch: '*',
      }),
    );
    this.#uploadId = undefined;
  }

  async #uploadPart(block: Buffer, index: number): Promise<void> {
    const PartNumber = index + 1;
    const { ETag, ChecksumCRC32 } = await this.#client.send(
      new UploadPartCommand({
        ...this.#object,
        UploadId: await this.#started(),
        PartNumber,
        Body: block,
        ContentLength: block.length,
        ChecksumAlgorithm: 'CRC32',
      }),
    );
    this.#parts.push({ PartNumber, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) });
  }

  #started(): Promise<string> {
    this.#uploadId ??= this.#client
      .send(new CreateMultipartUploadCommand({ ...this.#object, ChecksumAlgorithm: 'CRC32' }))
      .then(({ UploadId }) => {
        if (UploadId === undefined) throw new HoldfastError('StorageFailed', 'S3 started an upload without naming it');
        return UploadId;
      });
    return this.#uploadId;
  }
}

function storageError(error: unknown, key: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const details = { cause: error };
  if (!(error instanceof S3ServiceException)) {
    const code = systemCode(error);
    if (error instanceof Error && error.name === 'CredentialsProviderError')
      return new HoldfastError('AccessDenied', 'no AWS credentials were found', {
        ...details,
        advice: 'Set AWS_PROFILE, or sign in by: aws sso login',
      });
    return new HoldfastError('StorageFailed', `S3 cannot be reached for ${key}: ${messageOf(error) || (code ?? '')}`, {
      ...details,
      transient: true,
    });
  }
  const status = error.$metadata.httpStatusCode ?? 0;
  const text = `${error.name}: ${error.message}`;
  if (error.name === 'NoSuchBucket')
    return new HoldfastError('NotFound', `there is no such bucket (for ${key})`, details);
  if (status === 404) return new HoldfastError('NotFound', `the vault has no ${key}`, details);
  if (status === 412) return new HoldfastError('AlreadyExists', `the vault has ${key} already`, details);
  if (status === 403 || status === 401)
    return new HoldfastError('AccessDenied', `S3 refuses ${key}: ${text}`, {
      ...details,
      advice: 'Check the credentials, the bucket policy and the rights to its KMS key.',
    });
  // 409: two conditional writes met; one of them wins and the other finds out by trying again.
  return new HoldfastError('StorageFailed', `S3 failed on ${key}: ${text}`, {
    ...details,
    transient: status >= 500 || status === 409 || status === 429,
  });
}
