/** A repository and a vault with snapshots of it: what tests of recovery start from. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import type { BackupOptions } from '#core/repositories/backup/options.ts';
import { repositoryContent, type RepositoryContent } from '#core/repositories/restore/content.ts';
import { Backups, type Settings, type Taken } from '../../../../support/backups.ts';
import {
  addCommit,
  createRepository,
  git,
  refsOf,
  type RepositoryRefs,
  type RepositoryShape,
} from '../../../../support/repositories.ts';

/** One snapshot, and what the repository held when it was taken. */
export interface Stored extends Taken {
  source: RepositoryRefs;
}

export class StoredRepository {
  readonly path: string;
  readonly backups: Backups;
  readonly #transport: LocalTransport;

  private constructor(path: string, backups: Backups) {
    this.path = path;
    this.backups = backups;
    this.#transport = new LocalTransport(path);
  }

  /** @param folder an empty one, for the repository and the vault */
  static async create(folder: string, shape: RepositoryShape = {}): Promise<StoredRepository> {
    const path = await createRepository(join(folder, 'source.git'), shape);
    return new StoredRepository(path, new Backups(join(folder, 'vault')));
  }

  get vault() {
    return this.backups.vault;
  }

  get catalogue() {
    return this.backups.catalogue;
  }

  /** Takes the next snapshot. A chain of small repositories would at once weigh more than what it builds on. */
  async take(options: Partial<BackupOptions> = {}, settings: Omit<Settings, 'options'> = {}): Promise<Stored> {
    const taken = await this.backups.take(this.#transport, {
      ...settings,
      options: { heaviestChain: 1e6, longestChain: 100, ...options },
    });
    return { ...taken, source: await refsOf(this.path) };
  }

  /** Runs each step and takes a snapshot after it; gives all of them, a full one first. */
  async chain(
    steps: readonly ((path: string) => Promise<unknown>)[],
    options: Partial<BackupOptions> = {},
  ): Promise<[Stored, ...Stored[]]> {
    const taken: [Stored, ...Stored[]] = [await this.take(options)];
    for (const step of steps) {
      await step(this.path);
      taken.push(await this.take(options));
    }
    return taken;
  }

  content({ outcome }: Taken): Promise<RepositoryContent> {
    return repositoryContent(this.catalogue, outcome.prefix, outcome.snapshot);
  }
}

/** Every kind of ref that a repository may have. */
export const everything: RepositoryShape = {
  commits: 4,
  branches: ['topic/a', 'topic/b'],
  tags: ['light'],
  annotatedTags: ['v1', 'main'],
  notes: true,
  pulls: 2,
};

/** Commits versions of one long text, so that git stores them as deltas of one another. */
export async function addVersions(path: string, ...versions: readonly number[]): Promise<void> {
  for (const version of versions)
    await addCommit(path, { files: { 'text.txt': textOf(version) }, message: `Text ${version}` });
}

/** Deltas between neighbours are the smallest, so a row of versions becomes a row of deltas. */
function textOf(version: number): string {
  return Array.from(
    { length: 200 },
    (_, line) => `${line}: ${line <= version ? `changed in ${line}` : 'as ever'} ${line * line}\n`,
  ).join('');
}

/** What happens to a repository in time: growth, rewriting, deletion, and refs that move among what is there. */
export const life: readonly ((path: string) => Promise<unknown>)[] = [
  (path) => addVersions(path, 5, 6, 7),
  (path) => git(path, 'update-ref', '-d', 'refs/heads/topic/b'),
  (path) => addCommit(path, { branch: 'topic/a', from: 'refs/heads/main~1', message: 'Another history' }),
  (path) => git(path, 'update-ref', 'refs/tags/light', 'refs/heads/main'),
  async (path) => {
    await git(path, 'tag', '-m', 'Second release', 'v2', 'refs/heads/main');
    await addCommit(path, { branch: 'fresh', from: 'refs/heads/main' });
  },
];

/** A repository whose stored bundle takes several reads: so many files of 300 kB that do not compress. */
export function bulky(files: number): RepositoryShape {
  return {
    commits: 2,
    branches: ['topic'],
    files: Object.fromEntries(Array.from({ length: files }, (_, index) => [`bulk-${index}`, randomBytes(300 << 10)])),
  };
}

/** A step that adds such files. */
export function addBulk(name: string, files = 2): (path: string) => Promise<unknown> {
  return (path) =>
    addCommit(path, {
      files: Object.fromEntries(
        Array.from({ length: files }, (_, index) => [`${name}-${index}`, randomBytes(300 << 10)]),
      ),
    });
}

/** Proves that a repository is sound, and that its refs and HEAD are those of the source. */
export async function expectSame(path: string, { refs, head }: RepositoryRefs): Promise<void> {
  await git(path, 'fsck', '--strict', '--full');
  const restored = await refsOf(path);
  expect(restored.refs, 'refs').to.deep.equal(refs);
  expect(restored.head, 'HEAD').to.deep.equal(head);
}
