import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { HoldfastError } from '#core/runtime/errors.ts';
import { BlockWriter } from '../block-writer.ts';
import type { ObjectTags, ObjectWriter, StoredObject } from '../vault.ts';
import { checksumOf, takesOldChecksums } from './s3-checksum.ts';
import { createOnce, newAttempt, type S3Object } from './s3-create-once.ts';
import { storageError } from './s3-error.ts';
import type { S3Store } from './s3-store.ts';

const MiB = 1 << 20;

/** Three parts of 5 MiB in memory at once: one fills, two are on their way. */
const partsInMemory = 3;

/**
 * The size of a part by its index. An upload may have 10,000 parts and its length is unknown, so the size doubles
 * every 600 parts from the smallest that S3 takes: 3 GiB fit into parts of 5 MiB, 44 GiB into parts up to 40 MiB, and
 * all 10,000 hold more than 5 TiB. It ends at 1 GiB, since a single write to a TLS connection must stay below 2 GiB.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export function partBytes(index: number): number {
  return Math.min(5 * MiB * 2 ** Math.floor(index / 600), 1024 * MiB);
}

/** Stores an object whole, whatever is there. */
export async function put(client: S3Client, object: S3Object, content: Uint8Array): Promise<void> {
  await client.send(new PutObjectCommand({ ...object, Body: content, ...(await checksumOf(client, content)) }));
}

/** Creates an object by one request. */
export async function putOnce(
  store: S3Store,
  { Tagging, ...object }: S3Object & { Tagging?: string },
  content: Uint8Array,
): Promise<void> {
  const { client } = store;
  const attempt = newAttempt();
  const checksum = await checksumOf(client, content);
  const condition = await store.condition(object);
  await createOnce(client, object, attempt, content.length, () =>
    client.send(
      new PutObjectCommand({
        ...object,
        ...attempt,
        ...checksum,
        ...condition,
        Body: content,
        ContentLength: content.length,
        ...(Tagging === undefined ? {} : { Tagging }),
      }),
    ),
  );
}

interface UploadedPart {
  PartNumber: number;
  ETag: string | undefined;
  /** Undefined for a store that is spared it. */
  ChecksumCRC32?: string;
}

/** Uploads an object: by one request where it fits into the first part, else in parts while it is written. */
export class S3Writer implements ObjectWriter {
  readonly #store: S3Store;
  readonly #client: S3Client;
  readonly #attempt = newAttempt();
  readonly #object: S3Object;
  readonly #key: string;
  readonly #tagging: { Tagging?: string };
  readonly #hash = createHash('sha256');
  readonly #parts: UploadedPart[] = [];
  readonly #blocks = new BlockWriter({
    blockBytes: partBytes,
    blocks: partsInMemory,
    store: (block, index) => this.#uploadPart(block, index),
  });
  #uploadId: Promise<string> | undefined;
  #bytes = 0;

  constructor(store: S3Store, object: S3Object, key: string, tags: ObjectTags = {}) {
    this.#store = store;
    this.#client = store.client;
    this.#tagging = Object.keys(tags).length > 0 ? { Tagging: new URLSearchParams(tags).toString() } : {};
    this.#object = object;
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
      if (whole) await putOnce(this.#store, { ...this.#object, ...this.#tagging }, whole);
      else await this.#complete();
    } catch (error) {
      await this.abort();
      throw storageError(error, this.#key);
    }
    return { key: this.#key, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  async abort(): Promise<void> {
    await this.#blocks.stop();
    const upload = await this.#uploadId?.catch(() => undefined);
    this.#uploadId = undefined;
    if (upload === undefined) return;
    // An upload that cannot be aborted now is swept up by the bucket's lifecycle rule.
    await this.#client
      .send(new AbortMultipartUploadCommand({ ...this.#object, UploadId: upload }))
      .catch(() => undefined);
  }

  async #complete(): Promise<void> {
    await this.#blocks.finish();
    const UploadId = await this.#started();
    const Parts = this.#parts.toSorted((a, b) => a.PartNumber - b.PartNumber);
    const condition = await this.#store.condition(this.#object);
    await createOnce(this.#client, this.#object, this.#attempt, this.#bytes, () =>
      this.#client.send(
        new CompleteMultipartUploadCommand({ ...this.#object, ...condition, UploadId, MultipartUpload: { Parts } }),
      ),
    );
    this.#uploadId = undefined;
  }

  async #uploadPart(block: Buffer, index: number): Promise<void> {
    const PartNumber = index + 1;
    try {
      const checksum = await checksumOf(this.#client, block);
      const { ETag } = await this.#client.send(
        new UploadPartCommand({
          ...this.#object,
          UploadId: await this.#started(),
          PartNumber,
          Body: block,
          ContentLength: block.length,
          ...checksum,
        }),
      );
      this.#parts.push({ PartNumber, ETag, ...('ChecksumCRC32' in checksum ? checksum : {}) });
    } catch (error) {
      throw storageError(error, this.#key);
    }
  }

  #started(): Promise<string> {
    this.#uploadId ??= this.#start();
    return this.#uploadId;
  }

  async #start(): Promise<string> {
    const algorithm = (await takesOldChecksums(this.#client)) ? {} : { ChecksumAlgorithm: 'CRC32' as const };
    const { UploadId } = await this.#client.send(
      new CreateMultipartUploadCommand({ ...this.#object, ...this.#attempt, ...this.#tagging, ...algorithm }),
    );
    if (UploadId === undefined) throw new HoldfastError('StorageFailed', 'S3 started an upload without naming it');
    return UploadId;
  }
}
