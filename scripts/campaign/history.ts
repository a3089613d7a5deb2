import path from 'node:path';
import { LocalTransport } from '#core/git/local-transport.ts';
import { addCommit, createRepository, git, manyRefs, refsOf } from '../../test/support/repositories.ts';
import { RecordedTransport } from '../../test/support/recorded-transport.ts';
import type { Chance } from './chance.ts';

interface Moment {
  transport: RecordedTransport;
  refs: ReadonlyMap<string, string>;
}

/**
 * What a repository was, moment after moment: commits, branches, tags, forced pushes, deletions. Real git made each
 * moment and gives its answers, once each; they are kept, so that thousands of backups can be taken of them.
 */
export class History {
  readonly #moments: readonly Moment[];
  #now = 0;

  constructor(moments: readonly Moment[]) {
    this.#moments = moments;
  }

  /** @param wide with a list of refs that is long enough for manifests to tell only what has changed of it */
  static async make(folder: string, chance: Chance, { wide = false } = {}): Promise<History> {
    let current = await createRepository(path.join(folder, '0.git'), {
      commits: 3,
      branches: ['topic'],
      annotatedTags: ['v1'],
    });
    if (wide) await manyRefs(current, 300, `refs/heads/${'wide-'.repeat(36)}`);
    const moments: Moment[] = [];
    for (let number = 1; number <= 12; number++) {
      const { refs } = await refsOf(current);
      moments.push({ refs, transport: new RecordedTransport(new LocalTransport(current)) });
      const next = path.join(folder, `${number}.git`);
      await git(folder, 'clone', '--quiet', '--mirror', current, next);
      await change(next, number, chance);
      current = next;
    }
    return new History(moments);
  }

  /** Another life of the same repository, from its beginning. */
  again(): History {
    return new History(this.#moments);
  }

  get now(): number {
    return this.#now;
  }

  get transport(): RecordedTransport {
    return this.#moment(this.#now).transport;
  }

  refsAt(moment: number): ReadonlyMap<string, string> {
    return this.#moment(moment).refs;
  }

  moveOn(): void {
    this.#now++;
  }

  /** After its last moment a repository is as it was at the first again: somebody has put it back. */
  #moment(number: number): Moment {
    const moment = this.#moments[number % this.#moments.length];
    if (!moment) throw new Error('a history has moments');
    return moment;
  }
}

async function change(repository: string, number: number, chance: Chance): Promise<void> {
  switch (chance.among(['commit', 'commit', 'branch', 'tag', 'force', 'delete'])) {
    case 'commit':
      await addCommit(repository, { message: `Change ${number}` });
      return;
    case 'branch':
      await addCommit(repository, { branch: `branch-${number}` });
      return;
    case 'tag':
      await git(repository, 'tag', `tag-${number}`, 'main');
      return;
    case 'force':
      await git(repository, 'update-ref', 'refs/heads/topic', 'refs/heads/main~1');
      return;
    case 'delete':
      await git(repository, 'update-ref', '-d', 'refs/heads/topic');
      await addCommit(repository, { message: `Change ${number}` });
  }
}
