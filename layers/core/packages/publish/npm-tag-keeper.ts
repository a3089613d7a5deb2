import { messageOf } from '#core/runtime/errors.ts';
import { nameOf } from '#core/sources/codeartifact/package-name.ts';
import type { StoredPackageVersion } from '../restore/stored-package.ts';
import type { PackageToRestore } from '../restore/target.ts';
import type { Registry } from './publication.ts';
import { npmTags, restoreTag, setNpmTag } from './publish-npm.ts';

/**
 * Sees to npm's tags: those that a package has in the registry never move, and those that it lost come back as they
 * were. Each version is published under a tag that it had, so that no other ever has `latest`, or under one of ours,
 * which is taken away at the end.
 */
export class NpmTagKeeper {
  readonly #open: (format: 'npm') => Promise<Registry>;
  /** Of each package under way, the tags that it had before. */
  readonly #before = new Map<string, Readonly<Record<string, string>>>();
  readonly #stored = new Map<string, Readonly<Record<string, string>>>();

  constructor(open: (format: 'npm') => Promise<Registry>) {
    this.#open = open;
  }

  async begin(packageToRestore: PackageToRestore): Promise<void> {
    const key = nameOf(packageToRestore);
    this.#stored.set(key, packageToRestore.distTags);
    this.#before.set(key, await npmTags(await this.#open('npm'), packageToRestore));
  }

  /** A tag that the version had and that is free. */
  tagOf(version: StoredPackageVersion): Promise<string | undefined> {
    const key = nameOf(version);
    const taken = this.#before.get(key) ?? {};
    const free = Object.entries(this.#stored.get(key) ?? {}).filter(([tag]) => !(tag in taken));
    const own = free.filter(([, tagged]) => tagged === version.version).map(([tag]) => tag);
    return Promise.resolve(own.includes('latest') ? 'latest' : own[0]);
  }

  /** @returns what could not be set, and why */
  async finish(packageToRestore: PackageToRestore): Promise<string[]> {
    const key = nameOf(packageToRestore);
    const before = this.#before.get(key) ?? {};
    this.#before.delete(key);
    this.#stored.delete(key);
    const registry = await this.#open('npm');
    const now = await npmTags(registry, packageToRestore);
    const notes: string[] = [];
    const attempt = (tag: string, version: string | undefined): Promise<void> =>
      setNpmTag(registry, packageToRestore, tag, version).catch((error: unknown) => void notes.push(messageOf(error)));
    for (const [tag, version] of Object.entries(packageToRestore.distTags)) {
      const kept = before[tag];
      if (kept !== undefined && kept !== version) notes.push(`its tag ${tag} stays at ${kept}; it was at ${version}`);
      else if (now[tag] !== version) await attempt(tag, version);
    }
    if (restoreTag in now) await attempt(restoreTag, undefined);
    return notes;
  }
}
