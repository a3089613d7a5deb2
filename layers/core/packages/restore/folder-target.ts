import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError, messageOf, systemCode } from '#core/runtime/errors.ts';
import { nameExclusively } from '#core/runtime/exclusive-name.ts';
import { outgoing } from '../publish/publication.ts';
import { layOut } from './folder-layout.ts';
import type { StoredAsset, StoredPackageVersion } from './stored-package.ts';
import type { ExistingVersion, PackageTarget } from './target.ts';

/** A folder in which packages are laid out as their registries have them. */
export class FolderTarget implements PackageTarget {
  readonly name: string;
  readonly inSteps = false;

  constructor(folder: string) {
    this.name = path.resolve(folder);
  }

  async existing(version: StoredPackageVersion): Promise<ExistingVersion | undefined> {
    const assets = new Map<string, string>();
    for (const { name } of version.assets) {
      const sha256 = await this.#hashOf(layOut(version, name));
      if (sha256 !== undefined) assets.set(name, sha256);
    }
    return { assets };
  }

  async publish(
    version: StoredPackageVersion,
    missing: readonly StoredAsset[],
    _existing: ExistingVersion | undefined,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    for (const asset of missing) await this.#write(layOut(version, asset.name), asset, onBytes);
  }

  settle(): Promise<string[]> {
    return Promise.resolve([]);
  }

  begin(): Promise<string[]> {
    return Promise.resolve([]);
  }

  finish(): Promise<string[]> {
    return Promise.resolve([]);
  }

  close(): void {
    // Nothing stays open.
  }

  /** Under its own name only once it is whole, and never in place of another. */
  async #write(segments: readonly string[], asset: StoredAsset, onBytes: (bytes: number) => void): Promise<void> {
    const folder = await this.#folder(segments.slice(0, -1));
    const file = path.join(folder, segments.at(-1) ?? '');
    await refuseAlike(folder, path.basename(file));
    const temporary = path.join(folder, `.holdfast-partial-${randomUUID()}`);
    try {
      await writeFile(temporary, outgoing(asset, onBytes), { flag: 'wx', flush: true });
      await nameExclusively(temporary, file);
    } catch (error) {
      if (error instanceof HoldfastError) throw error;
      if (systemCode(error) === 'EEXIST')
        throw new HoldfastError('AlreadyExists', `another program created ${file} meanwhile`, { cause: error });
      throw new HoldfastError('StorageFailed', `cannot write ${file}: ${messageOf(error)}`, { cause: error });
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Makes a folder, going through no link, and taking none that differs by case or Unicode form for the same. */
  async #folder(segments: readonly string[]): Promise<string> {
    await mkdir(this.name, { recursive: true });
    let folder = await realpath(this.name);
    for (const segment of segments) {
      await refuseAlike(folder, segment);
      folder = path.join(folder, segment);
      await mkdir(folder).catch((error: unknown) => {
        if (systemCode(error) !== 'EEXIST') throw error;
      });
      if (!(await lstat(folder)).isDirectory()) throw inTheWay(folder);
    }
    return folder;
  }

  /** Undefined where there is no such file. */
  async #hashOf(segments: readonly string[]): Promise<string | undefined> {
    const file = path.join(this.name, ...segments);
    await refuseAlike(path.dirname(file), path.basename(file));
    const found = await lstat(file).catch((error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
      throw error;
    });
    if (!found) return undefined;
    if (!found.isFile()) throw inTheWay(file);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk);
    return hash.digest('hex');
  }
}

/** Two names that some file system takes for one would become one file there. */
async function refuseAlike(folder: string, name: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return [];
    throw error;
  });
  const alike = names.find((other) => other !== name && placeOf(other) === placeOf(name));
  if (alike === undefined) return;
  throw new HoldfastError(
    'TargetNotEmpty',
    `${path.join(folder, name)} differs from ${JSON.stringify(alike)} only by case or Unicode form`,
    { advice: 'Restore one of the two to another folder.' },
  );
}

function placeOf(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

function inTheWay(place: string): HoldfastError {
  return new HoldfastError('TargetNotEmpty', `${place} is in the way`, { advice: 'Restore to another folder.' });
}
