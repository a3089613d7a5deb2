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
import { mostParts } from './s3-parts.ts';
import type { S3Store } from './s3-store.ts';

/** Three parts, of 5 MiB at first, in memory at once: one fills, two are on their way. */
const partsInMemory = 3;

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
    blockBytes: (index) => this.#store.partBytes(index),
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
      if (PartNumber > mostParts) throw tooLarge(this.#key, this.#store.partBytes(index));
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
    await this.#store.learnPartSizes();
    const algorithm = (await takesOldChecksums(this.#client)) ? {} : { ChecksumAlgorithm: 'CRC32' as const };
    const { UploadId } = await this.#client.send(
      new CreateMultipartUploadCommand({ ...this.#object, ...this.#attempt, ...this.#tagging, ...algorithm }),
    );
    if (UploadId === undefined) throw new HoldfastError('StorageFailed', 'S3 started an upload without naming it');
    return UploadId;
  }
}

function tooLarge(key: string, partBytes: number): HoldfastError {
  const part = partBytes / 2 ** 20;
  return new HoldfastError(
    'StorageFailed',
    `${key} does not fit into the ${mostParts} parts of ${part} MiB that the store takes`,
    { advice: `Set HOLDFAST_S3_PART_MIB to more than ${part}; an upload needs three times as much memory.` },
  );
}
