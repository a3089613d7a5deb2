/** The accounts, repositories and tokens behind the stand-ins for GitLab and Gitea. */
import { join } from 'node:path';
import { createRepository, type RepositoryShape } from '../repositories.ts';

export interface HostAccount {
  readonly id: number;
  /** A login, or a group's full path: `acme/platform`. */
  readonly name: string;
  readonly type: 'user' | 'group';
  /** Logins that see all repositories of a group. */
  readonly members: readonly string[];
}

/** A repository; a test may change what is not readonly. */
export interface HostRepository {
  readonly id: number;
  /** `owner/name`, or `group/subgroup/name`. */
  fullName: string;
  visibility: 'public' | 'internal' | 'private';
  fork: boolean;
  archived: boolean;
  /** As at GitLab true by default, also where no page was ever written. */
  wiki: boolean;
  /** Whether the repository itself is switched on. */
  code: boolean;
}

export interface HostRepositoryOptions extends Partial<Omit<HostRepository, 'id' | 'fullName'>> {
  shape?: RepositoryShape;
  /** What its wiki holds; without it there is none, whatever `wiki` says. */
  pages?: RepositoryShape;
}

export class HostState {
  readonly root: string;
  readonly accounts: readonly HostAccount[];
  /** Token → login. */
  readonly tokens: Map<string, string>;
  readonly repositories: HostRepository[] = [];
  /** Changes an entry of a listing on its way out, so that a test can make it hostile. */
  changeEntry: (entry: object) => object = (entry) => entry;
  #nextId = 501;

  constructor(options: {
    root: string;
    accounts: readonly { name: string; type?: HostAccount['type']; members?: readonly string[] }[];
    tokens: Readonly<Record<string, string>>;
  }) {
    this.root = options.root;
    this.accounts = options.accounts.map(({ name, type = 'user', members = [] }, index) => {
      return { id: 11 + index, name, type, members };
    });
    this.tokens = new Map(Object.entries(options.tokens));
  }

  async add(fullName: string, options: HostRepositoryOptions = {}): Promise<HostRepository> {
    const { shape = { commits: 2 }, pages, ...rest } = options;
    const id = this.#nextId++;
    await createRepository(join(this.root, `${id}.git`), shape);
    if (pages) await createRepository(join(this.root, `${id}.wiki.git`), pages);
    const repository: HostRepository = {
      id,
      fullName,
      visibility: 'public',
      fork: false,
      archived: false,
      wiki: true,
      code: true,
      ...rest,
    };
    this.repositories.push(repository);
    return repository;
  }

  account(name: string, type: HostAccount['type']): HostAccount | undefined {
    return this.accounts.find((one) => one.type === type && one.name.toLowerCase() === name.toLowerCase());
  }

  byName(fullName: string): HostRepository | undefined {
    return this.repositories.find((one) => one.fullName.toLowerCase() === fullName.toLowerCase());
  }

  byId(id: string): HostRepository | undefined {
    return this.repositories.find((one) => String(one.id) === id);
  }

  canRead(login: string | undefined, repository: HostRepository): boolean {
    if (repository.visibility === 'public') return true;
    if (login === undefined) return false;
    return repository.visibility === 'internal' || this.isMember(login, repository);
  }

  /** Whether it is the user's own, or that of a group of which the user is a member. */
  isMember(login: string, { fullName }: HostRepository): boolean {
    const names = fullName.split('/').slice(0, -1);
    return names.some((_, index) => {
      const above = names.slice(0, index + 1).join('/');
      return above === login || (this.account(above, 'group')?.members.includes(login) ?? false);
    });
  }
}
