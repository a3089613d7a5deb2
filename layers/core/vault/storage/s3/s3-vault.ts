import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  type ListMultipartUploadsCommandOutput,
} from '@aws-sdk/client-s3';
import { HttpRequest } from '@smithy/protocol-http';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { defaultStallMs } from '#core/runtime/http.ts';
import { failOnStall } from '#core/runtime/stall.ts';
import type { ListedObject, ObjectTags, ObjectWriter, UnfinishedWrite, Vault } from '../vault.ts';
import { storageError } from './s3-error.ts';
import { putOnce, S3Writer } from './s3-writer.ts';

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

  writer(key: string, tags: ObjectTags = {}): ObjectWriter {
    return new S3Writer(this.#client, this.#bucket, `${this.#prefix}${key}`, key, tags);
  }

  async create(key: string, content: Uint8Array): Promise<void> {
    try {
      await putOnce(this.#client, this.#at(key), content);
    } catch (error) {
      throw storageError(error, key);
    }
  }

  async replace(key: string, content: Uint8Array): Promise<void> {
    try {
      await this.#client.send(new PutObjectCommand({ ...this.#at(key), Body: content, ChecksumAlgorithm: 'CRC32' }));
    } catch (error) {
      throw storageError(error, key);
    }
  }

  async *read(key: string): AsyncIterable<Buffer> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ ...this.#at(key), ChecksumMode: 'ENABLED' }));
      // In Node the body is always a stream of this kind; the SDK's type also covers browsers.
      if (!(Body instanceof Readable)) throw new HoldfastError('StorageFailed', `S3 sent no content of ${key}`);
      yield* failOnStall(Body, defaultStallMs, this.location);
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
      if (failure.code === 'NotFound') return undefined;
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

  async *unfinished(): AsyncIterable<UnfinishedWrite> {
    let after: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
    while (after) {
      const page: ListMultipartUploadsCommandOutput = await this.#client
        .send(new ListMultipartUploadsCommand({ Bucket: this.#bucket, Prefix: this.#prefix, ...after }))
        .catch((error: unknown) => {
          throw storageError(error, 'the list of uploads');
        });
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (Key === undefined || UploadId === undefined || Initiated === undefined) continue;
        const key = Key.slice(this.#prefix.length);
        yield { name: `upload of ${key}`, since: Initiated, remove: () => this.#abandon(key, UploadId) };
      }
      const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = page;
      after = IsTruncated === true ? { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker } : undefined;
    }
  }

  async #abandon(key: string, UploadId: string): Promise<void> {
    try {
      await this.#client.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId }));
    } catch (error) {
      // It has ended meanwhile.
      if (error instanceof S3ServiceException && error.name === 'NoSuchUpload') return;
      throw storageError(error, key);
    }
  }

  #at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${key}` };
  }
}

/**
 * A client whose uploads, each of which bears a CRC of ours, are not hashed a second time to be signed.
 * @param stallMs how long an answer is waited for before the request is made again, in milliseconds
 */
export function s3Client(stallMs = defaultStallMs): S3Client {
  const client = new S3Client(
    awsConfig(
      {
        maxAttempts: 5,
        // With it the SDK opens a new connection for every part.
        expectContinueHeader: false,
      },
      { answerMs: stallMs },
    ),
  );
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
  return client;
}
