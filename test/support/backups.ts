/**
 * Backs up repositories into folders as the program does, and proves with plain git that what was stored there
 * restores: nothing of Holdfast is trusted to read what Holdfast wrote.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { HttpTransport, type Authorize } from '#core/git/http-transport.ts';
import type { Transport } from '#core/git/transport.ts';
import { backUpRepository, type BackupRequest } from '#core/repositories/backup/backup-repository.ts';
import { defaultBackupOptions, type BackupOptions } from '#core/repositories/backup/options.ts';
import type { HoldfastError } from '#core/runtime/errors.ts';
import { HttpClient, type HttpOptions } from '#core/runtime/http.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { snapshotIdOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Manifest, ManifestItem } from '#core/vault/manifest.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { git, refsOf, temporaryFolder } from './repositories.ts';

/** One snapshot as it was taken. */
export interface Taken {
  outcome: Stored | Unchanged;
  manifest: Manifest;
  /** The manifest that holds the refs: of the snapshot itself, or of the one that it equals. */
  content: Manifest;
  /** What was tried again, and why. */
  retries: HoldfastError[];
}

/** Nothing is tried twice unless a test asks for it, and nothing waits. */
export const once = { attempts: 1, firstWaitMs: 1, longestWaitMs: 2 };
export const thrice = { attempts: 3, firstWaitMs: 1, longestWaitMs: 2 };

export function itemNamed(name: string, id = `id of ${name}`): ManifestItem {
  return { source: 'git', id, path: ['example.org', name], name };
}

export type Settings = Partial<Pick<BackupRequest, 'item' | 'snapshot' | 'vault' | 'signal' | 'onProgress'>> & {
  options?: Partial<BackupOptions>;
};

/** A vault in a folder and the snapshots that a test takes into it, one a day. */
export class Backups {
  readonly folder: string;
  readonly vault: FolderVault;
  readonly catalogue: Catalogue;
  #day = 0;

  constructor(folder: string) {
    this.folder = folder;
    this.vault = new FolderVault(folder);
    this.catalogue = new Catalogue(this.vault);
  }

  nextSnapshot(): SnapshotId {
    this.#day += 1;
    return snapshotIdOf(new Date(Date.UTC(2026, 0, this.#day, 3, 0, 0)));
  }

  async take(transport: Transport, settings: Settings = {}): Promise<Taken> {
    const { options, ...rest } = settings;
    const retries: HoldfastError[] = [];
    const outcome = await backUpRepository({
      item: itemNamed('app'),
      transport,
      vault: this.vault,
      snapshot: settings.snapshot ?? this.nextSnapshot(),
      onRetry: (error) => retries.push(error),
      ...rest,
      options: { ...defaultBackupOptions, retry: once, ...options },
    });
    const { manifest, content } = await this.catalogue.snapshot(outcome.prefix, outcome.snapshot);
    return { outcome, manifest, content, retries };
  }

  /** Every file in the vault's folder, also those that the vault itself would not show. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true }).catch(() => []);
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length + 1))
      .sort();
  }

  /** The bundles that a snapshot needs, in the order in which they are applied. */
  bundles({ chain, data }: Manifest): string[] {
    return [...chain, ...data].map(({ key }) => join(this.folder, key));
  }

  /** Applies a snapshot's bundles in order with plain git, checking each on the way; gives the repository. */
  async restore({ manifest, content }: Pick<Taken, 'manifest' | 'content'>, target: string): Promise<string> {
    const format = content.git?.objectFormat ?? 'sha1';
    await git(
      '.',
      'init',
      '--quiet',
      '--bare',
      '--template=',
      '--initial-branch=none',
      `--object-format=${format}`,
      target,
    );
    for (const bundle of this.bundles(manifest)) {
      await git(target, 'bundle', 'verify', '--quiet', bundle);
      await git(target, 'fetch', '--quiet', '--prune', bundle, '+refs/*:refs/*');
    }
    const since = content.git?.refsSince;
    if (since) {
      const bundles = this.bundles(manifest);
      const base = bundles.find((bundle) => bundle.includes(`${since.base.item}${since.base.snapshot}/`)) ?? '';
      await git(target, 'fetch', '--quiet', '--prune', base, '+refs/*:refs/*');
      for (const name of since.gone) await git(target, 'update-ref', '-d', name);
      await git(target, 'fetch', '--quiet', bundles.at(-1) ?? '', '+refs/*:refs/*');
    }
    await git(target, 'fsck', '--strict', '--no-dangling');
    return target;
  }

  /** Proves that a snapshot restores to what the repository holds at this moment. */
  async expectRestorable(taken: Taken, source: string): Promise<void> {
    const { refs, head } = await refsOf(source);
    expect(new Map(Object.entries(taken.content.git?.refs ?? {})), 'refs in the manifest').to.deep.equal(refs);
    if (head.oid !== undefined)
      expect(taken.content.git?.head, 'HEAD in the manifest').to.deep.equal(
        head.symref === undefined
          ? { type: 'detached', oid: head.oid }
          : { type: 'branch', ref: head.symref, oid: head.oid },
      );
    const folder = await temporaryFolder();
    try {
      const restored = await this.restore(taken, join(folder.path, 'restored.git'));
      expect((await refsOf(restored)).refs, 'refs after the restore').to.deep.equal(refs);
      if (taken.manifest.data.length === 0) return;
      const [last = ''] = this.bundles(taken.manifest).slice(-1);
      const since = taken.content.git?.refsSince;
      const listed = since ? new Map(Object.entries(since.set)) : refs;
      expect(await listHeads(restored, last), 'refs in the bundle').to.deep.equal(
        new Map([...listed, ...(head.oid === undefined ? [] : ([['HEAD', head.oid]] as const))]),
      );
      if (taken.manifest.kind !== 'full') return;
      const clone = join(folder.path, 'clone.git');
      await git(folder.path, 'clone', '--quiet', '--mirror', last, clone);
      await git(clone, 'fsck', '--strict', '--no-dangling');
      const cloned = await refsOf(clone);
      expect(cloned.refs, 'refs of a clone').to.deep.equal(refs);
      if (head.oid !== undefined) expect(cloned.head, 'HEAD of a clone').to.deep.equal(head);
    } finally {
      await folder.dispose();
    }
  }
}

async function listHeads(cwd: string, bundle: string): Promise<Map<string, string>> {
  const lines = (await git(cwd, 'bundle', 'list-heads', bundle)).split('\n');
  return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
}

/** For the body of a `describe`: makes transports to HTTP servers; their connections end with the suite. */
export function useHttp(
  options: HttpOptions = { stallMs: 20_000 },
): (url: string, authorize?: Authorize) => HttpTransport {
  const client = new HttpClient(options);
  after(() => client.close());
  return (url, authorize) => new HttpTransport(new URL(url), client, authorize);
}
