import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { readObject } from '#core/filesystems/results.ts';
import type { FileSystemSettings } from '#core/filesystems/settings.ts';
import { readSnapshotManifest, type SnapshotManifest } from '#core/filesystems/snapshot-manifest.ts';
import { manifestCopyKey } from '#core/filesystems/task.ts';
import { awsConfig } from '#core/runtime/aws-clients.ts';
import { awsError } from '#core/runtime/aws-error.ts';
import { HoldfastError } from '#core/runtime/errors.ts';

/** The names of a file system's snapshots by the copies of their manifests, oldest first. */
export async function listSnapshots(logs: string, fileSystem: FileSystemSettings): Promise<string[]> {
  const ending = '.json';
  const prefix = copyKey(fileSystem, '').slice(0, -ending.length);
  const client = new S3Client(awsConfig());
  const names: string[] = [];
  try {
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: logs, Prefix: prefix, ContinuationToken: token }),
      );
      for (const { Key = '' } of page.Contents ?? [])
        if (Key.endsWith(ending)) names.push(Key.slice(prefix.length, -ending.length));
      token = page.NextContinuationToken;
    } while (token !== undefined);
  } catch (error) {
    throw awsError(error, `s3://${logs}/${prefix} cannot be listed`);
  } finally {
    client.destroy();
  }
  return names.sort();
}

/** @throws {HoldfastError} NotFound, Damaged */
export async function readManifest(
  logs: string,
  fileSystem: FileSystemSettings,
  snapshot: string,
): Promise<SnapshotManifest> {
  const text = await readObject(logs, copyKey(fileSystem, snapshot));
  if (text === undefined) throw new HoldfastError('NotFound', `efs/${fileSystem.name} has no snapshot ${snapshot}`);
  return readSnapshotManifest(Buffer.from(text), `${fileSystem.label}/${fileSystem.interval}/${snapshot}`);
}

/**
 * The snapshot that a person means: its name, or the beginning of one, of which the newest counts.
 * @throws {HoldfastError} NotFound
 */
export function chooseSnapshot(name: string, snapshots: readonly string[], typed: string): string {
  const found = snapshots.findLast((snapshot) => snapshot.startsWith(typed));
  if (found !== undefined) return found;
  throw new HoldfastError('NotFound', `efs/${name} has no snapshot ${JSON.stringify(typed)}`, {
    advice: snapshots.length === 0 ? 'It has none yet.' : `Its newest are ${snapshots.slice(-5).join(', ')}.`,
  });
}

function copyKey({ source, label, interval }: FileSystemSettings, snapshot: string): string {
  return manifestCopyKey(source.id, label, interval, snapshot);
}
