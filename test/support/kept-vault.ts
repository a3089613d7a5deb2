import { createHash } from 'node:crypto';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsOutput,
  type S3Client,
} from '@aws-sdk/client-s3';

/** What of a kind of thing in the vault a thief has done something to. */
export interface Effect {
  how: 'adds' | 'hides' | 'replaces' | 'DESTROYS';
  what: string;
}

interface Version {
  id: string;
  /** Undefined for the mark that hides what is below it. */
  sha256: string | undefined;
}

/** A bucket as it was at one moment: what came later is seen, and taken back. */
export class KeptVault {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  /** The newest first. */
  readonly #before: ReadonlyMap<string, Version[]>;
  readonly #settings: string;

  private constructor(
    s3: S3Client,
    place: { bucket: string; prefix: string },
    before: ReadonlyMap<string, Version[]>,
    settings: string,
  ) {
    this.#s3 = s3;
    this.#bucket = place.bucket;
    this.#prefix = place.prefix;
    this.#before = before;
    this.#settings = settings;
  }

  static async of(s3: S3Client, place: { bucket: string; prefix: string }): Promise<KeptVault> {
    return new KeptVault(s3, place, await versionsIn(s3, place.bucket), await settingsOf(s3, place.bucket));
  }

  /** The keys of what can be read, without the vault's prefix. */
  get keys(): string[] {
    return [...this.#before]
      .flatMap(([key, [newest]]) => (newest?.sha256 === undefined ? [] : [key.slice(this.#prefix.length)]))
      .sort();
  }

  /** What is another than it was; every version that was there is read and compared. */
  async effects(): Promise<Effect[]> {
    const now = await versionsIn(this.#s3, this.#bucket);
    const found = new Map<string, Effect>();
    const note = (how: Effect['how'], what: string): void => void found.set(`${how} ${what}`, { how, what });
    for (const [key, versions] of this.#before) {
      const kind = kindOf(key.slice(this.#prefix.length));
      const later = now.get(key) ?? [];
      if (versions.some(({ id, sha256 }) => later.find((one) => one.id === id)?.sha256 !== sha256))
        note('DESTROYS', kind);
      else if (later[0]?.id !== versions[0]?.id) note(later[0]?.sha256 === undefined ? 'hides' : 'replaces', kind);
    }
    for (const [key, [newest]] of now)
      if (!this.#before.has(key) && newest?.sha256 !== undefined) note('adds', kindOf(key.slice(this.#prefix.length)));
    if ((await settingsOf(this.#s3, this.#bucket)) !== this.#settings) note('DESTROYS', 'how the vault is protected');
    return [...found.values()];
  }

  /** Copies what is hidden or replaced back to its place, as docs/operations.md says. */
  async bringBack(): Promise<void> {
    const now = await versionsIn(this.#s3, this.#bucket);
    for (const [Key, [newest]] of this.#before) {
      if (newest?.sha256 === undefined || now.get(Key)?.[0]?.id === newest.id) continue;
      const CopySource = `${this.#bucket}/${encodeURIComponent(Key)}?versionId=${newest.id}`;
      await this.#s3.send(new CopyObjectCommand({ Bucket: this.#bucket, Key, CopySource }));
    }
  }

  /** Makes the bucket what it was, in a way that no one has in AWS: for the next attack. */
  async reset(): Promise<void> {
    for (const [Key, versions] of await versionsIn(this.#s3, this.#bucket, 'keys alone'))
      for (const { id } of versions)
        if (!this.#before.get(Key)?.some((one) => one.id === id))
          await this.#s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key, VersionId: id }));
  }
}

async function versionsIn(
  s3: S3Client,
  Bucket: string,
  what: 'content' | 'keys alone' = 'content',
): Promise<Map<string, Version[]>> {
  const found: { key: string; id: string; newest: boolean; sha256: string | undefined; time: number }[] = [];
  let more: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (more) {
    const page: ListObjectVersionsOutput = await s3.send(new ListObjectVersionsCommand({ Bucket, ...more }));
    more = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
    for (const { Key = '', VersionId = '', IsLatest = false, LastModified } of page.DeleteMarkers ?? [])
      found.push({ key: Key, id: VersionId, newest: IsLatest, sha256: undefined, time: LastModified?.getTime() ?? 0 });
    for (const { Key = '', VersionId = '', IsLatest = false, LastModified } of page.Versions ?? []) {
      const place = { Bucket, Key, VersionId };
      const sha256 = what === 'content' ? await digestOf(s3, place) : '';
      found.push({ key: Key, id: VersionId, newest: IsLatest, sha256, time: LastModified?.getTime() ?? 0 });
    }
  }
  found.sort((a, b) => Number(b.newest) - Number(a.newest) || b.time - a.time);
  const byKey = new Map<string, Version[]>();
  for (const { key, id, sha256 } of found) byKey.set(key, [...(byKey.get(key) ?? []), { id, sha256 }]);
  return byKey;
}

async function digestOf(s3: S3Client, place: { Bucket: string; Key: string; VersionId: string }): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand(place));
  return createHash('sha256')
    .update((await Body?.transformToByteArray()) ?? new Uint8Array())
    .digest('hex');
}

async function settingsOf(s3: S3Client, Bucket: string): Promise<string> {
  const ask = async (answer: Promise<object>): Promise<object> => {
    const { $metadata: _, ...rest } = (await answer.catch(() => ({}))) as { $metadata?: unknown };
    return rest;
  };
  return JSON.stringify([
    await ask(s3.send(new GetBucketPolicyCommand({ Bucket }))),
    await ask(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))),
    await ask(s3.send(new GetBucketVersioningCommand({ Bucket }))),
    await ask(s3.send(new GetBucketEncryptionCommand({ Bucket }))),
    await ask(s3.send(new GetPublicAccessBlockCommand({ Bucket }))),
    await ask(s3.send(new GetBucketReplicationCommand({ Bucket }))),
  ]);
}

/** What a key is, in the words of SECURITY.md. */
function kindOf(key: string): string {
  const [top = '', , , file = ''] = key.split('/');
  if (key.endsWith('/latest.json') && top === 'runs') return 'the pointer to the newest report';
  if (top === 'runs') return file === 'inventory.json' ? 'inventories' : 'reports';
  return others[top] ?? 'snapshots';
}

const others: Record<string, string> = {
  checks: 'verdicts',
  drills: 'records of drills',
  index: 'the index of renamed items',
  removed: 'records of removals',
  removing: 'marks of removals',
  'holdfast-vault.json': 'the sign of the vault',
  'RESTORE.md': 'the guide',
};
