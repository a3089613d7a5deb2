import {
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { itemPrefix, manifestKeyOf, parseSnapshotKey, removingKey, verdictKey } from '#core/vault/layout.ts';
import { writeManifest } from '#core/vault/manifest.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import type { LocalAws } from '../../support/local-aws.ts';
import { exampleManifest } from '../../support/vault-manifests.ts';
import type { Attempt } from './stolen-role.ts';

/** What a thief sees of the place. */
export interface Booty {
  s3: S3Client;
  aws: LocalAws;
  bucket: string;
  /** Of the vault in the bucket, with a slash at the end. */
  prefix: string;
  /** Of the vault's encryption. */
  keyArn: string;
  /** All that is in the vault. */
  keys: readonly string[];
  /** Whose role it is; that of GitHub where it is of no source. */
  source: string;
  /** The name of the deployment. */
  deployment: string;
}

/** A way to hold a company to ransom, as SECURITY.md says it. */
export interface Strategy {
  title: string;
  attempts: (booty: Booty) => Attempt[];
}

const once = { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' };
const newObject = { 's3:ObjectCreationOperation': 'true' };
const junk = Buffer.from('Your files are encrypted. Pay.');
/** A snapshot's worth of forgeries of each item is as good as a thousand: what counts is which rule displaces which. */
const flood = 12;

/** What is done in so many ways, and to so many objects, that it is worth trying all. */
export const strategies: Strategy[] = [
  {
    title: 'deletes every object',
    attempts: (booty) => booty.keys.map((key) => remove(booty, key)),
  },
  {
    title: 'deletes every version of every object',
    attempts: (booty) =>
      booty.keys.map((key) => ({
        action: 's3:DeleteObjectVersion',
        resource: arn(booty, key),
        // Of any version; which one, the policies do not ask.
        send: () =>
          booty.s3.send(new DeleteObjectCommand({ Bucket: booty.bucket, Key: booty.prefix + key, VersionId: 'null' })),
      })),
  },
  {
    title: 'overwrites every object',
    attempts: (booty) => booty.keys.map((key) => store(booty, key, junk, false)),
  },
  {
    title: 'overwrites every object, and says that it creates them',
    attempts: (booty) => booty.keys.map((key) => store(booty, key, junk, true)),
  },
  {
    title: 'encrypts every object by a key of its own',
    attempts: (booty) =>
      booty.keys.map((key) => ({
        ...store(booty, key, junk, true),
        context: { ...once, 's3:x-amz-server-side-encryption-customer-algorithm': 'AES256' },
      })),
  },
  {
    title: 'forges a newest snapshot of every item',
    attempts: (booty) => forged(booty, [new Date()]),
  },
  {
    title: 'forges snapshots of the future',
    attempts: (booty) => forged(booty, [new Date('2099-01-01T00:00:00Z')]),
  },
  {
    title: 'floods every item with forged snapshots',
    attempts: (booty) =>
      forged(
        booty,
        Array.from({ length: flood }, (_, at) => new Date(Date.now() - at * 1000)),
      ),
  },
  {
    title: 'adds junk to snapshots that are there',
    attempts: (booty) =>
      snapshotsOf(booty).map(({ item, snapshot }) =>
        store(booty, `${item}${snapshot}/00000000-repository.bundle`, junk, true),
      ),
  },
  {
    title: 'calls every snapshot damaged',
    attempts: (booty) => verdicts(booty, 'damaged'),
  },
  {
    title: 'calls every snapshot intact',
    attempts: (booty) => verdicts(booty, 'intact'),
  },
  {
    title: 'announces and records removals that it does not make',
    attempts: (booty) => [
      ...snapshotsOf(booty).map(({ item, snapshot }) => store(booty, removingKey(item, snapshot), Buffer.of(), true)),
      store(
        booty,
        `removed/${booty.source}/${now()}.json`,
        Buffer.from(JSON.stringify({ format: 1, snapshots: snapshotsOf(booty) })),
        true,
      ),
    ],
  },
  {
    title: 'forges an inventory that lists nothing',
    attempts: (booty) => [
      store(
        booty,
        `runs/${booty.source}/${now()}/inventory.json`,
        Buffer.from(JSON.stringify({ format: 1, run: now(), source: booty.source, listed: [], warnings: [] })),
        true,
      ),
    ],
  },
  {
    title: 'forges a report, with its list of digests',
    attempts: (booty) => [
      store(booty, `runs/${booty.source}/${now()}/chain.sha256`, Buffer.of(), true),
      store(booty, `runs/${booty.source}/${now()}/report.json`, Buffer.from('{"items":[]}'), true),
    ],
  },
  {
    title: 'points to a report that is not the newest',
    attempts: (booty) => [store(booty, `runs/${booty.source}/latest.json`, Buffer.from('{}'), false)],
  },
  {
    title: 'forges a record of a drill',
    attempts: (booty) => [
      store(booty, `drills/${booty.source}/${now()}.json`, Buffer.from('{"roots":[],"verdicts":[]}'), true),
    ],
  },
  {
    title: 'takes the sign of the vault and the guide away',
    attempts: (booty) => ['holdfast-vault.json', 'RESTORE.md'].flatMap((key) => [remove(booty, key)]),
  },
  {
    title: 'has everything expire, by a rule of lifecycle',
    attempts: (booty) => {
      const { bucket: Bucket, s3 } = booty;
      const rule = { ID: 'ransom', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } } as const;
      const LifecycleConfiguration = { Rules: [rule] };
      return [
        onBucket(booty, 's3:PutLifecycleConfiguration', () =>
          s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration })),
        ),
        onBucket(booty, 's3:PutLifecycleConfiguration', () => s3.send(new DeleteBucketLifecycleCommand({ Bucket }))),
      ];
    },
  },
  {
    title: "replaces or removes the bucket's policy",
    attempts: (booty) => {
      const { bucket: Bucket, s3 } = booty;
      const statement = { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: `arn:aws:s3:::${Bucket}/*` };
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      return [
        onBucket(booty, 's3:PutBucketPolicy', () => s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))),
        onBucket(booty, 's3:DeleteBucketPolicy', () => s3.send(new DeleteBucketPolicyCommand({ Bucket }))),
      ];
    },
  },
  {
    title: 'suspends versions, opens or deletes the bucket',
    attempts: (booty) => {
      const { bucket: Bucket, s3 } = booty;
      return [
        onBucket(booty, 's3:PutBucketVersioning', () =>
          s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })),
        ),
        onBucket(booty, 's3:PutBucketPublicAccessBlock', () => s3.send(new DeletePublicAccessBlockCommand({ Bucket }))),
        onBucket(booty, 's3:PutEncryptionConfiguration', () =>
          s3.send(
            new PutBucketEncryptionCommand({
              Bucket,
              ServerSideEncryptionConfiguration: {
                Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
              },
            }),
          ),
        ),
        onBucket(booty, 's3:DeleteBucket', () => s3.send(new DeleteBucketCommand({ Bucket }))),
      ];
    },
  },
  {
    title: 'replicates the vault to a bucket of its own',
    attempts: (booty) => {
      const { bucket: Bucket, s3 } = booty;
      const rule = { Status: 'Enabled', Destination: { Bucket: 'arn:aws:s3:::thief' } } as const;
      const ReplicationConfiguration = { Role: 'arn:aws:iam::123456789012:role/thief', Rules: [rule] };
      return [
        onBucket(booty, 's3:PutReplicationConfiguration', () =>
          s3.send(new PutBucketReplicationCommand({ Bucket, ReplicationConfiguration })),
        ),
      ];
    },
  },
  {
    title: 'shortens how long versions are kept, or lifts their lock',
    attempts: (booty) => {
      const { bucket: Bucket, s3, keys, prefix } = booty;
      const soon = new Date(Date.now() + 1000);
      return [
        onBucket(booty, 's3:PutBucketObjectLockConfiguration', () =>
          s3.send(
            new PutObjectLockConfigurationCommand({
              Bucket,
              ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' },
            }),
          ),
        ),
        ...keys.flatMap((key): Attempt[] => {
          const place = { Bucket, Key: prefix + key };
          return [
            {
              action: 's3:PutObjectRetention',
              resource: arn(booty, key),
              send: () =>
                s3.send(
                  new PutObjectRetentionCommand({
                    ...place,
                    BypassGovernanceRetention: true,
                    Retention: { Mode: 'GOVERNANCE', RetainUntilDate: soon },
                  }),
                ),
            },
            {
              action: 's3:PutObjectLegalHold',
              resource: arn(booty, key),
              send: () => s3.send(new PutObjectLegalHoldCommand({ ...place, LegalHold: { Status: 'OFF' } })),
            },
          ];
        }),
      ];
    },
  },
  {
    title: "disables the vault's key, has it deleted, or locks others out of it",
    attempts: ({ aws, keyArn, deployment }) => {
      const context = { 'aws:ResourceTag/holdfast': deployment };
      const KeyId = keyArn;
      const on = (operation: string, input: object): Attempt => ({
        action: `kms:${operation}`,
        resource: keyArn,
        context,
        send: () => aws.call('kms', operation, { KeyId, ...input }),
      });
      return [
        on('DisableKey', {}),
        on('ScheduleKeyDeletion', { PendingWindowInDays: 7 }),
        on('PutKeyPolicy', { PolicyName: 'default', Policy: '{"Version":"2012-10-17","Statement":[]}' }),
        on('RevokeGrant', { GrantId: 'any' }),
      ];
    },
  },
  {
    title: "takes another role's code or rights",
    attempts: ({ aws, deployment, source }) => {
      const name = `${deployment}-${source}-retention`;
      return [
        {
          action: 'lambda:UpdateFunctionCode',
          resource: `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
          send: () => aws.call('lambda', `PUT /2015-03-31/functions/${name}/code`, { ZipFile: '' }),
        },
        {
          action: 'iam:PutRolePolicy',
          resource: `arn:aws:iam::123456789012:role/${name}`,
          send: () => aws.call('iam', 'PutRolePolicy', { RoleName: name, PolicyName: 'ransom', PolicyDocument: '{}' }),
        },
      ];
    },
  },
];

function arn({ bucket, prefix }: Booty, key: string): string {
  return `arn:aws:s3:::${bucket}/${prefix}${key}`;
}

/** @param creates whether the request asks that nothing is there, which some policies demand */
function store(booty: Booty, key: string, Body: Buffer, creates: boolean): Attempt {
  const { s3, bucket: Bucket, prefix } = booty;
  const command = new PutObjectCommand({
    Bucket,
    Key: prefix + key,
    Body,
    ...(creates ? { IfNoneMatch: '*' } : {}),
  });
  return {
    action: 's3:PutObject',
    resource: arn(booty, key),
    context: creates ? once : newObject,
    send: () => s3.send(command),
  };
}

function remove(booty: Booty, key: string): Attempt {
  const { s3, bucket: Bucket, prefix } = booty;
  return {
    action: 's3:DeleteObject',
    resource: arn(booty, key),
    send: () => s3.send(new DeleteObjectCommand({ Bucket, Key: prefix + key })),
  };
}

function onBucket({ bucket }: Booty, action: string, send: () => Promise<unknown>): Attempt {
  // When what an administrator has permitted for a day is over.
  const later = { 'aws:CurrentTime': new Date(Date.now() + 2 * 86_400_000).toISOString() };
  return { action, resource: `arn:aws:s3:::${bucket}`, context: later, send };
}

const now = (): string => snapshotIdOf(new Date());

function snapshotsOf({ keys }: Booty): { item: string; snapshot: string }[] {
  return keys.flatMap((key) => {
    const { item, snapshot, name } = parseSnapshotKey(key) ?? {};
    return item !== undefined && snapshot !== undefined && name === 'manifest.json' ? [{ item, snapshot }] : [];
  });
}

/** Manifests of every item there is, valid in themselves, of snapshots without data. */
function forged(booty: Booty, times: readonly Date[]): Attempt[] {
  const items = new Set(snapshotsOf(booty).map(({ item }) => item));
  return [...items].flatMap((item) =>
    times.map((time) => {
      const snapshot = snapshotIdOf(time);
      const [source = '', ...path] = item.split('/').slice(0, -1);
      const { parent: _, ...example } = exampleManifest({ path, id: path.join('/'), snapshot });
      const { text } = writeManifest({
        ...example,
        item: { ...example.item, source },
        kind: 'full',
        chain: [],
        data: [],
      });
      return store(booty, manifestKeyOf(`${itemPrefix(source, path)}${snapshot}/`), Buffer.from(text), true);
    }),
  );
}

function verdicts(booty: Booty, verdict: 'intact' | 'damaged'): Attempt[] {
  const content = { how: 'drill', verdict, problems: [], bytes: 0, time: new Date().toISOString() };
  return snapshotsOf(booty).map(({ item, snapshot }) =>
    store(booty, verdictKey(item, snapshot, verdict), Buffer.from(JSON.stringify(content)), false),
  );
}
