import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  type ChecksumAlgorithm,
  type LifecycleRule,
} from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { describeWithAws } from './aws/suite.ts';
import { startLocalAws } from './local-aws.ts';

const Bucket = 'strict';
const base64 = (algorithm: string, data: string): string => createHash(algorithm).update(data).digest('base64');

async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    return (error as Error).name;
  }
  return 'none';
}

describeWithAws('the S3 of the local AWS stand-in', (aws) => {
  let s3: S3Client;

  before(async () => {
    const { endpoint, environment } = aws.server();
    s3 = new S3Client({
      endpoint,
      region: environment.AWS_REGION,
      forcePathStyle: true,
      credentials: { accessKeyId: 'AKIALOCALTESTS000001', secretAccessKey: 'local' },
    });
    await s3.send(new CreateBucketCommand({ Bucket }));
  });

  after(() => {
    s3.destroy();
  });

  const exists = async (Key: string): Promise<boolean> =>
    (await refusal(s3.send(new HeadObjectCommand({ Bucket, Key })))) === 'none';

  /** A request as no SDK sends it. */
  const raw = (path: string, headers: Record<string, string>, body: string): Promise<Response> =>
    fetch(`${aws.server().endpoint}/${Bucket}/${path}`, {
      method: 'PUT',
      headers: {
        Authorization: 'AWS4-HMAC-SHA256 Credential=AKIALOCALTESTS000001/20260101/us-east-1/s3/aws4_request',
        ...headers,
      },
      body,
    });

  for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as ChecksumAlgorithm[]) {
    it(`takes and gives back a stream with its trailing ${algorithm}`, async () => {
      const chunks = [Buffer.alloc(300_000, 'a'), Buffer.alloc(70_001, 'b')];
      const upload = { Bucket, Key: algorithm, Body: Readable.from(chunks), ContentLength: 370_001 };
      await s3.send(new PutObjectCommand({ ...upload, ChecksumAlgorithm: algorithm }));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: algorithm, ChecksumMode: 'ENABLED' }));
      expect(Buffer.concat([await Body!.transformToByteArray()]).equals(Buffer.concat(chunks))).to.equal(true);
    });

    it(`refuses an upload with another ${algorithm}, and stores nothing`, async () => {
      const length = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 }[algorithm as string] ?? 0;
      const wrong = { [`Checksum${algorithm}`]: Buffer.alloc(length, 1).toString('base64') };
      const attempt = s3.send(new PutObjectCommand({ Bucket, Key: `bad-${algorithm}`, Body: 'x', ...wrong }));
      expect(await refusal(attempt)).to.equal('BadDigest');
      expect(await exists(`bad-${algorithm}`)).to.equal(false);
    });
  }

  it('refuses an upload with another Content-MD5', async () => {
    const upload = { Bucket, Key: 'md5', Body: 'x', ContentMD5: base64('md5', 'y') };
    expect(await refusal(s3.send(new PutObjectCommand(upload)))).to.equal('BadDigest');
  });

  it('refuses a body that is not the one that was signed', async () => {
    const signed = createHash('sha256').update('x').digest('hex');
    const response = await raw('signed', { 'x-amz-content-sha256': signed }, 'y');
    expect(response.status).to.equal(400);
    expect(await response.text()).to.include('<Code>XAmzContentSHA256Mismatch</Code>');
  });

  describe('of a body in chunks', () => {
    const chunked = (length: number, trailer = 'x-amz-checksum-sha256'): Record<string, string> => ({
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': String(length),
      'x-amz-trailer': trailer,
      'Content-Encoding': 'aws-chunked',
    });

    it('takes what fits its trailer', async () => {
      const body = `3\r\nabc\r\n0\r\nx-amz-checksum-sha256:${base64('sha256', 'abc')}\r\n\r\n`;
      expect((await raw('chunked', chunked(3), body)).status).to.equal(200);
      const { Body, ContentEncoding } = await s3.send(new GetObjectCommand({ Bucket, Key: 'chunked' }));
      expect(await Body!.transformToString()).to.equal('abc');
      expect(ContentEncoding).to.equal(undefined);
    });

    for (const [title, body, code] of [
      [
        'does not fit its trailer',
        `3\r\nabc\r\n0\r\nx-amz-checksum-sha256:${base64('sha256', 'x')}\r\n\r\n`,
        'BadDigest',
      ],
      ['lacks the trailer that was announced', '3\r\nabc\r\n0\r\n\r\n', 'MalformedTrailerError'],
      ['ends within a chunk', '3\r\nab', 'IncompleteBody'],
      ['ends before the last chunk', '3\r\nabc\r\n', 'IncompleteBody'],
      ['is shorter than announced', '2\r\nab\r\n0\r\n\r\n', 'IncompleteBody'],
    ] as const) {
      it(`refuses one that ${title}`, async () => {
        const response = await raw('refused', chunked(3), body);
        expect(response.status).to.equal(400);
        expect(await response.text()).to.include(`<Code>${code}</Code>`);
        expect(await exists('refused')).to.equal(false);
      });
    }
  });

  it('stores nothing when the connection breaks within the body', async () => {
    const { hostname, port } = new URL(aws.server().endpoint);
    const socket = connect(Number(port), hostname);
    socket.write(
      `PUT /${Bucket}/cut HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Length: 1000\r\n` +
        'Authorization: AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request\r\n\r\nhalf',
    );
    await pause(100);
    socket.destroy();
    await pause(200);
    expect(await exists('cut')).to.equal(false);
  });

  it('lets exactly one of many concurrent create-once writes win', async () => {
    for (const round of [1, 2, 3]) {
      const writes = Array.from({ length: 24 }, (_, i) =>
        refusal(s3.send(new PutObjectCommand({ Bucket, Key: `once-${round}`, Body: String(i), IfNoneMatch: '*' }))),
      );
      const outcomes = await Promise.all(writes);
      expect(outcomes.filter((outcome) => outcome === 'none')).to.have.length(1);
      expect(outcomes.filter((outcome) => outcome === 'PreconditionFailed')).to.have.length(23);
    }
  });

  it('answers under a policy that denies whatever is not TLS', async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [`arn:aws:s3:::tls-only`, `arn:aws:s3:::tls-only/*`],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
    await s3.send(new CreateBucketCommand({ Bucket: 'tls-only' }));
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'tls-only', Policy }));
    await s3.send(new PutObjectCommand({ Bucket: 'tls-only', Key: 'k', Body: 'x' }));
    await s3.send(new HeadObjectCommand({ Bucket: 'tls-only', Key: 'k' }));
  });

  it('gives a lifecycle configuration back as it was put', async () => {
    const Rules: LifecycleRule[] = [
      {
        ID: 'uploads',
        Status: 'Enabled',
        Filter: { Prefix: '' },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
      },
      {
        ID: 'large',
        Status: 'Enabled',
        Filter: { And: { Prefix: 'github/', ObjectSizeGreaterThan: 1 << 20 } },
        Transitions: [{ Days: 90, StorageClass: 'GLACIER_IR' }],
      },
    ];
    const LifecycleConfiguration = { Rules };
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }));
    const found = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(found.Rules).to.deep.equal(Rules);
    expect(found.TransitionDefaultMinimumObjectSize).to.equal('all_storage_classes_128K');
  });

  describe('of a multipart upload', () => {
    const first = Buffer.alloc(5 << 20, 'a');

    const begin = async (Key: string): Promise<string> => {
      const input = { Bucket, Key, ChecksumAlgorithm: 'SHA256' as const };
      return (await s3.send(new CreateMultipartUploadCommand(input))).UploadId!;
    };

    const part = async (Key: string, UploadId: string, PartNumber: number, Body: Buffer | string) => {
      const input = { Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm: 'SHA256' as const };
      const { ETag, ChecksumSHA256 } = await s3.send(new UploadPartCommand(input));
      return { PartNumber, ETag, ChecksumSHA256 };
    };

    it('joins the parts, and knows their checksums', async () => {
      const UploadId = await begin('whole');
      const Parts = [await part('whole', UploadId, 1, first), await part('whole', UploadId, 2, 'end')];
      const listed = await s3.send(new ListPartsCommand({ Bucket, Key: 'whole', UploadId }));
      expect(listed.Parts!.map((p) => p.ChecksumSHA256)).to.deep.equal(Parts.map((p) => p.ChecksumSHA256));
      const input = { Bucket, Key: 'whole', UploadId, MultipartUpload: { Parts } };
      const completed = await s3.send(new CompleteMultipartUploadCommand(input));
      expect(completed.ChecksumSHA256).to.match(/-2$/);
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'whole', ChecksumMode: 'ENABLED' }));
      expect(head.ContentLength).to.equal(first.length + 3);
      expect(head.ChecksumSHA256).to.equal(completed.ChecksumSHA256);
    });

    it('refuses a damaged part', async () => {
      const UploadId = await begin('damaged');
      const wrong = { PartNumber: 1, Body: 'x', ChecksumSHA256: base64('sha256', 'y') };
      const attempt = s3.send(new UploadPartCommand({ Bucket, Key: 'damaged', UploadId, ...wrong }));
      expect(await refusal(attempt)).to.equal('BadDigest');
    });

    it('refuses to complete with parts out of order, without their checksums, or with others', async () => {
      const UploadId = await begin('refused-parts');
      const one = await part('refused-parts', UploadId, 1, first);
      const two = await part('refused-parts', UploadId, 2, 'end');
      const complete = (Parts: object[]): Promise<string> =>
        refusal(
          s3.send(
            new CompleteMultipartUploadCommand({ Bucket, Key: 'refused-parts', UploadId, MultipartUpload: { Parts } }),
          ),
        );
      expect(await complete([two, one])).to.equal('InvalidPartOrder');
      expect(await complete([one, { PartNumber: 2, ETag: two.ETag }])).to.equal('InvalidRequest');
      expect(await complete([one, { ...two, ChecksumSHA256: one.ChecksumSHA256 }])).to.equal('InvalidPart');
      expect(await exists('refused-parts')).to.equal(false);
    });

    it('lets exactly one of many concurrent create-once completions win', async () => {
      const uploads = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const UploadId = await begin('once-multipart');
          return { UploadId, Parts: [await part('once-multipart', UploadId, 1, 'x')] };
        }),
      );
      const outcomes = await Promise.all(
        uploads.map(({ UploadId, Parts }) =>
          refusal(
            s3.send(
              new CompleteMultipartUploadCommand({
                Bucket,
                Key: 'once-multipart',
                UploadId,
                MultipartUpload: { Parts },
                IfNoneMatch: '*',
              }),
            ),
          ),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === 'none')).to.have.length(1);
      expect(outcomes.filter((outcome) => outcome === 'PreconditionFailed')).to.have.length(7);
    });

    it('lists what was begun with its date, page by page, until it is aborted', async () => {
      await s3.send(new CreateBucketCommand({ Bucket: 'leftovers' }));
      const keys = ['a', 'b', 'c'];
      for (const Key of keys) await s3.send(new CreateMultipartUploadCommand({ Bucket: 'leftovers', Key }));
      const page = await s3.send(new ListMultipartUploadsCommand({ Bucket: 'leftovers', MaxUploads: 2 }));
      expect(page.Uploads!.map((u) => u.Key)).to.deep.equal(['a', 'b']);
      expect(Date.now() - page.Uploads![0]!.Initiated!.getTime()).to.be.lessThan(60_000);
      const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
      const rest = await s3.send(new ListMultipartUploadsCommand({ Bucket: 'leftovers', KeyMarker, UploadIdMarker }));
      expect(rest.Uploads!.map((u) => u.Key)).to.deep.equal(['c']);

      const { Key, UploadId } = rest.Uploads![0]!;
      await s3.send(new AbortMultipartUploadCommand({ Bucket: 'leftovers', Key, UploadId }));
      const abort = s3.send(new AbortMultipartUploadCommand({ Bucket: 'leftovers', Key, UploadId }));
      expect(await refusal(abort)).to.equal('NoSuchUpload');
      const upload = new UploadPartCommand({ Bucket: 'leftovers', Key, UploadId, PartNumber: 1, Body: 'x' });
      expect(await refusal(s3.send(upload))).to.equal('NoSuchUpload');
    });
  });

  it('records each call with what IAM would have to allow', async () => {
    await aws.server().forgetCalls();
    await s3.send(new PutObjectCommand({ Bucket, Key: 'recorded/key', Body: 'x' }));
    const [call] = await aws.server().calls();
    expect(call).to.deep.include({
      caller: { role: null, via: 'AKIALOCALTESTS000001' },
      service: 's3',
      operation: 'PutObject',
      resource: `arn:aws:s3:::${Bucket}/recorded/key`,
      permissions: [{ action: 's3:PutObject', resource: `arn:aws:s3:::${Bucket}/recorded/key` }],
      status: 200,
    });
  });

  it('ends with its stdin, on the port that it was given', async () => {
    const other = await startLocalAws();
    const port = Number(new URL(other.endpoint).port);
    await other.close();
    expect(await refusal(fetch(other.endpoint))).to.equal('TypeError');
    const again = await startLocalAws({ port });
    expect(again.endpoint).to.equal(other.endpoint);
    await again.close();
  });
});
