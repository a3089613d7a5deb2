import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { requestAws } from '../support/aws/api.ts';
import type { World } from './world.ts';

/** The programs that take the place of an instance's own: see each. */
export const instanceTools = new URL('instance', import.meta.url);

/** What instances of the stand-in find in their environment, beside what AWS gives them. */
export function instanceEnvironment(folder: string): Record<string, string> {
  return {
    HOLDFAST_ROOT: '.',
    HOLDFAST_PAUSE: '0',
    HOLDFAST_EFS_FOLDER: 'mounts',
    HOLDFAST_TEST_FOLDER: fileSystemsFolder(folder),
  };
}

/** Below it a folder plays each file system, by its id. */
export function fileSystemsFolder(folder: string): string {
  return path.join(folder, 'file-systems');
}

export function folderOf(world: World, fileSystem: string): string {
  return path.join(fileSystemsFolder(world.folder), fileSystem);
}

export interface Network {
  vpc: string;
  /** Two of its subnets. */
  subnets: string[];
}

/** The network that every account begins with. */
export async function findNetwork(world: World): Promise<Network> {
  const { text } = await requestAws(world.aws.endpoint, 'ec2', 'DescribeSubnets');
  const all = (name: string): string[] =>
    [...text.matchAll(new RegExp(`<${name}>([^<]+)`, 'g'))].map(([, id = '']) => id);
  return { vpc: all('vpcId')[0] ?? '', subnets: all('subnetId').slice(0, 2) };
}

/** A file system that somebody has: with mount targets, and a folder that plays it. */
export async function createFileSystem(world: World, { subnets }: Network, CreationToken: string): Promise<string> {
  const { FileSystemId } = await world.aws.call<{ FileSystemId: string }>(
    'elasticfilesystem',
    'POST /2015-02-01/file-systems',
    { CreationToken, Encrypted: true },
  );
  for (const SubnetId of subnets)
    await world.aws.call('elasticfilesystem', 'POST /2015-02-01/mount-targets', { FileSystemId, SubnetId });
  await mkdir(folderOf(world, FileSystemId), { recursive: true });
  return FileSystemId;
}
