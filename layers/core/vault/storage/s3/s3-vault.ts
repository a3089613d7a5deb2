import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3ServiceException,
  type ListMultipartUploadsCommandOutput,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { HoldfastError } from '#core/runtime/errors.ts';
import { defaultStallMs } from '#core/runtime/http.ts';
import { failOnStall } from '#core/runtime/stall.ts';
import type { ListedObject, ObjectTags, ObjectWriter, UnfinishedWrite, Vault } from '../vault.ts';
import { withChecksum } from './s3-checksum.ts';
import { connectS3, type S3Connection } from './s3-client.ts';
import { storageError } from './s3-error.ts';
import { S3Store } from './s3-store.ts';
import { put, putOnce, S3Writer } from './s3-writer.ts';

/** Pages and heads are small: what has not come by then, with all tries, never will. In milliseconds. */
const smallAnswerMs = 300_000;

export interface S3VaultOptions {
  bucket: string;
  /** Without slashes at its ends; may be empty. */
  prefix: string;
  connection?: S3Connection;
  /** Also a store elsewhere than at AWS, which may have to be used with care. Costs one more request there. */
  elsewhere?: boolean;
  /** For those who may only add: what would be removed stays, for retention to find, and nothing is asked in vain. */
  addOnly?: boolean;
}

/** A vault in an S3 bucket. Needs no right to delete except for `remove` and for aborting its own uploads. */
export class S3Vault implements Vault {
  readonly location: string;
  readonly store: S3Store;
  readonly #addOnly: boolean;
  readonly #client: S3Connection['client'];
  readonly #bucket: string;
  readonly #prefix: string;

  constructor(options: S3VaultOptions) {
    this.#bucket = options.bucket;
    this.#prefix = options.prefix === '' ? '' : `${options.prefix}/`;
    this.location = `s3://${options.bucket}/${options.prefix}`;
    const connection = options.connection ?? connectS3();
    this.#client = connection.client;
    this.#addOnly = options.addOnly ?? false;
    this.store = new S3Store(connection, (key) => this.#at(key), options.elsewhere ?? false);
  }

  writer(key: string, tags: ObjectTags = {}): ObjectWriter {
    return new S3Writer(this.store, this.#at(key), key, tags);
  }

  async create(key: string, content: Uint8Array): Promise<void> {
    try {
      await putOnce(this.store, this.#at(key), content);
    } catch (error) {
      throw storageError(error, key);
    }
  }

  async replace(key: string, content: Uint8Array): Promise<void> {
    try {
      await put(this.#client, this.#at(key), content);
    } catch (error) {
      throw storageError(error, key);
    }
  }

  async *read(key: string): AsyncIterable<Buffer> {
    try {
      const { Body } = await this.#client.send(
        new GetObjectCommand({ ...this.#at(key), ...(await withChecksum(this.#client)) }),
      );
      // In Node the body is always a stream of this kind; the SDK's type also covers browsers.
      if (!(Body instanceof Readable)) throw new HoldfastError('StorageFailed', `S3 sent no content of ${key}`);
      yield* failOnStall(Body, defaultStallMs, this.location);
    } catch (error) {
      throw await this.#missingOrDenied(error, key);
    }
  }

  async stat(key: string): Promise<{ bytes: number } | undefined> {
    try {
      const { ContentLength } = await this.#client.send(new HeadObjectCommand(this.#at(key)), within(smallAnswerMs));
      return { bytes: ContentLength ?? 0 };
    } catch (error) {
      const failure = await this.#missingOrDenied(error, key);
      if (failure.code === 'NotFound') return undefined;
      throw failure;
    }
  }

  /**
   * S3 says "access denied" of an object that does not exist, unless the caller may list the whole bucket. Writers into
   * another account's vault may list their own part of it only, so the list is asked.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
   */
  async #missingOrDenied(error: unknown, key: string): Promise<HoldfastError> {
    const failure = storageError(error, key);
    if (failure.code !== 'AccessDenied') return failure;
    try {
      // The object itself comes before all whose keys only begin alike.
      for await (const first of this.list(key)) {
        if (first.key === key) return failure;
        break;
      }
    } catch {
      return failure;
    }
    return new HoldfastError('NotFound', `the vault has no ${key}`, { cause: error });
  }

  async *list(prefix: string): AsyncIterable<ListedObject> {
    try {
      const input = { Bucket: this.#bucket, Prefix: `${this.#prefix}${prefix}` };
      const pages = listedPages(this.#client, input);
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
    if (this.#addOnly) throw new HoldfastError('AccessDenied', `${key} stays: these credentials may only add objects`);
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

async function* listedPages(
  client: S3Client,
  input: { Bucket: string; Prefix: string },
): AsyncGenerator<ListObjectsV2CommandOutput> {
  let ContinuationToken: string | undefined;
  do {
    const command = new ListObjectsV2Command({ ...input, ContinuationToken });
    const page: ListObjectsV2CommandOutput = await client.send(command, within(smallAnswerMs));
    yield page;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

function within(limitMs: number): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(limitMs) };
}
