import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3ServiceException,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Store } from '../vault.ts';
import { checksumOf } from './s3-checksum.ts';
import type { S3Connection } from './s3-client.ts';
import { refuseExisting, type S3Object } from './s3-create-once.ts';
import { storageError } from './s3-error.ts';
import { equalPart, growingPart, wantsEqualParts } from './s3-parts.ts';

/** The object by which it is tried whether the store creates only what is not there. It stays. */
const probe = 'doctor/create-once';

/** Says that the owner of a vault accepts that its store overwrites. */
const acceptance = 'accept-overwrites.json';

/** How a store that is not AWS's refuses a condition that it does not know, instead of leaving it unheeded. */
const unknownCondition = /NotImplemented|InvalidArgument|InvalidRequest|MethodNotAllowed/;

/** What is known of the store behind a vault in S3, and how objects are created there. */
export class S3Store implements Store {
  readonly client: S3Client;
  readonly #connection: S3Connection;
  readonly #at: (key: string) => S3Object;
  readonly #elsewhere: boolean;
  #overwrites: Promise<boolean> | undefined;
  #partBytes: (index: number) => number;

  /** @param elsewhere whether it may be another store than AWS's */
  constructor(connection: S3Connection, at: (key: string) => S3Object, elsewhere: boolean) {
    this.client = connection.client;
    this.#connection = connection;
    this.#at = at;
    this.#elsewhere = elsewhere;
    const { partBytes } = connection;
    this.#partBytes = partBytes === undefined ? growingPart : () => partBytes;
  }

  /** The size of a part of an upload by its index, in bytes; never less than that of the one before. */
  partBytes(index: number): number {
    return this.#partBytes(index);
  }

  /** Finds out whether this is a store where parts must not grow. The first ones are the same everywhere. */
  async learnPartSizes(): Promise<void> {
    const endpoint = await this.#connection.endpoint();
    if (this.#connection.partBytes === undefined && endpoint && wantsEqualParts(endpoint.hostname))
      this.#partBytes = equalPart;
  }

  async address(): Promise<string | undefined> {
    const endpoint = await this.#connection.endpoint();
    return endpoint && !/(^|\.)amazonaws\.com(\.cn)?$/.test(endpoint.hostname) ? endpoint.host : undefined;
  }

  async otherRegion(): Promise<{ bucket: string; configured: string } | undefined> {
    // An answer from elsewhere names the region.
    await this.#exists(probe);
    const { bucket, configured } = await this.#connection.regions();
    return bucket === configured ? undefined : { bucket, configured };
  }

  async createsOnce(): Promise<boolean> {
    if ((await this.#creates('first')) !== 'refused' && (await this.#creates('second')) !== 'refused') return false;
    // Some heed the condition of a single request, and not that of an upload in parts.
    return (await this.#uploads('third')) === 'refused';
  }

  async overwritesAccepted(): Promise<boolean> {
    this.#overwrites ??= this.#exists(acceptance);
    try {
      return await this.#overwrites;
    } catch (error) {
      this.#overwrites = undefined;
      throw error;
    }
  }

  async acceptOverwrites(): Promise<void> {
    if (await this.overwritesAccepted()) return;
    const Body = Buffer.from(`${JSON.stringify({ format: 1, acceptedAt: new Date().toISOString() })}\n`);
    try {
      await this.client.send(
        new PutObjectCommand({ ...this.#at(acceptance), Body, ...(await checksumOf(this.client, Body)) }),
      );
    } catch (error) {
      throw storageError(error, acceptance);
    }
    this.#overwrites = Promise.resolve(true);
  }

  /**
   * What makes a request create an object only where none is.
   * @throws {HoldfastError} AlreadyExists where the store cannot tell, and there is one
   */
  async condition(object: S3Object): Promise<{ IfNoneMatch?: '*' }> {
    if (!this.#elsewhere || !(await this.overwritesAccepted())) return { IfNoneMatch: '*' };
    await refuseExisting(this.client, object);
    return {};
  }

  /** What becomes of the probe when it is created, once more perhaps. */
  async #creates(content: string): Promise<'stored' | 'refused' | 'unknown'> {
    const Body = Buffer.from(`${content}\n`);
    const checksum = await checksumOf(this.client, Body);
    return this.#outcome(() =>
      this.client.send(new PutObjectCommand({ ...this.#at(probe), Body, ...checksum, IfNoneMatch: '*' })),
    );
  }

  /** The same by an upload in parts. */
  async #uploads(content: string): Promise<'stored' | 'refused' | 'unknown'> {
    const object = this.#at(probe);
    const Body = Buffer.from(`${content}\n`);
    const checksum = await checksumOf(this.client, Body);
    const isNew = 'ChecksumCRC32' in checksum;
    try {
      const { UploadId } = await this.client.send(
        new CreateMultipartUploadCommand({ ...object, ...(isNew ? { ChecksumAlgorithm: 'CRC32' as const } : {}) }),
      );
      const upload = { ...object, UploadId };
      try {
        const { ETag } = await this.client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body, ...checksum }));
        const Parts = [{ PartNumber: 1, ETag, ...(isNew ? checksum : {}) }];
        const complete = { ...upload, IfNoneMatch: '*' as const, MultipartUpload: { Parts } };
        return await this.#outcome(() => this.client.send(new CompleteMultipartUploadCommand(complete)));
      } finally {
        // Nothing is left of it where it was completed.
        await this.client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
      }
    } catch (error) {
      throw storageError(error, probe);
    }
  }

  async #outcome(send: () => Promise<unknown>): Promise<'stored' | 'refused' | 'unknown'> {
    try {
      await send();
      return 'stored';
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) return 'refused';
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      const { name, message } = error instanceof Error ? error : new Error();
      if ((status === 501 || (status === 400 && unknownCondition.test(name))) && !/checksum/i.test(message))
        return 'unknown';
      throw storageError(error, probe);
    }
  }

  async #exists(key: string): Promise<boolean> {
    try {
      await this.client.send(new HeadObjectCommand(this.#at(key)));
      return true;
    } catch (error) {
      const failure = storageError(error, key);
      if (failure.code === 'NotFound') return false;
      throw failure;
    }
  }
}
