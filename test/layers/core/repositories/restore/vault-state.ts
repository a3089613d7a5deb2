/** What a vault holds after a backup broke off, and that the next one puts all right. */
import { cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { drillSnapshot } from '#core/run/drill.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { sources } from '#core/sources/table.ts';
import { findLeftovers } from '#core/vault/leftovers.ts';
import type { Manifest } from '#core/vault/manifest.ts';
import { Backups, itemNamed } from '../../../../support/backups.ts';
import { addCommit, createRepository, refsOf, type RepositoryShape } from '../../../../support/repositories.ts';

const later = new Date(Date.now() + 86_400_000);

export type Kind = 'full' | 'incremental' | 'unchanged';

/** A repository that was backed up before, or not, and was changed since, or not; copies of its vault. */
export class Scene {
  readonly kind: Kind;
  readonly repository: string;
  readonly item = itemNamed('app');
  readonly transport: LocalTransport;
  readonly snapshot: string;
  readonly #original: Backups;

  private constructor(kind: Kind, repository: string, original: Backups) {
    this.kind = kind;
    this.repository = repository;
    this.transport = new LocalTransport(repository);
    this.#original = original;
    this.snapshot = original.nextSnapshot();
  }

  /** @param folder an empty one */
  static async create(folder: string, kind: Kind, shape: RepositoryShape): Promise<Scene> {
    const repository = await createRepository(join(folder, 'app.git'), shape);
    const original = new Backups(join(folder, 'vault'));
    if (kind !== 'full') await original.take(new LocalTransport(repository), { item: itemNamed('app') });
    if (kind === 'incremental') await addCommit(repository);
    return new Scene(kind, repository, original);
  }

  /** The vault as it is before the next backup. */
  async copy(name: string): Promise<Backups> {
    const copied = new Backups(`${this.#original.folder}-${name}`);
    // Before the first backup there is no folder.
    if (this.kind !== 'full') await cp(this.#original.folder, copied.folder, { recursive: true });
    return copied;
  }

  /** Proves that the same backup, tried again, leaves one whole snapshot, and what broke off counts for nothing. */
  async expectRecovers(backups: Backups, before: VaultState, where: string): Promise<void> {
    const { snapshot, item, kind } = this;
    const again = await backups.take(this.transport, { item, snapshot, options: { heaviestChain: 1e6 } });
    expect(again.manifest.kind, where).to.equal(kind);
    const refs = new Map(Object.entries(again.content.git?.refs ?? {}));
    expect(refs, where).to.deep.equal((await refsOf(this.repository)).refs);
    const { prefix } = again.outcome;
    const drilled = await drillSnapshot(backups.vault, backups.catalogue, prefix, snapshot, { indexer: 'native' });
    expect(drilled.problems, where).to.deep.equal([]);
    const after = await stateOf(backups);
    expect(after.manifests, where).to.deep.equal(new Set([...before.manifests, snapshot]));
    expect(after.leftovers, where).to.deep.equal(before.leftovers);
  }
}

export interface VaultState {
  /** Snapshots that exist. */
  manifests: Set<string>;
  leftovers: string[];
  /** Writes that began and never ended. */
  unfinished: number;
}

/** Tells what is there, with every snapshot verified, and leftovers compared with what the files themselves say. */
export async function stateOf(backups: Backups): Promise<VaultState> {
  const files = (await backups.files()).filter((file) => file.startsWith('git/'));
  const manifests = new Set<string>();
  const named = new Set<string>();
  for (const file of files.filter((name) => name.endsWith('/manifest.json'))) {
    const manifest = JSON.parse(await readFile(join(backups.folder, file), 'utf8')) as Manifest;
    manifests.add(manifest.snapshot);
    for (const { key } of manifest.data) named.add(key);
  }
  for await (const { snapshots } of backups.catalogue.items('git'))
    for (const entry of snapshots.filter(({ hasManifest }) => hasManifest))
      expect((await verifySnapshot(backups.vault, backups.catalogue, entry)).problems).to.deep.equal([]);
  const leftovers = (await findLeftovers(backups.vault, sources, later)).map(({ key }) => key);
  expect(leftovers).to.have.members(files.filter((file) => !file.endsWith('/manifest.json') && !named.has(file)));
  const staged = await readdir(join(backups.folder, '.partial')).catch(() => []);
  let unfinished = 0;
  for await (const _ of backups.vault.unfinished()) unfinished++;
  expect(unfinished).to.equal(staged.length);
  return { manifests, leftovers, unfinished };
}
