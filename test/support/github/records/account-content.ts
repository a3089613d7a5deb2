/** What an account of the stand-in has beside its repositories. */

export interface Gist {
  /** Twenty characters or more, as GitHub names them. */
  name: string;
  description: string;
  isPublic: boolean;
  createdAt: string;
  updatedAt: string;
  comments: { id: number; body: string; author: string; at: string }[];
}

export interface ProjectItem {
  id: number;
  /** What stands in its fields, by their names. */
  values: Readonly<Record<string, string | number>>;
  /** A draft's title, or the number of an issue. */
  content: string | number;
}

export interface Project {
  number: number;
  title: string;
  createdAt: string;
  updatedAt: string;
  items: ProjectItem[];
}

export class AccountContent {
  readonly gists: Gist[] = [];
  readonly projects: Project[] = [];
  /** Any JSON, by the path below the account in the REST API: `/teams`. */
  readonly settings = new Map<string, unknown>();
  /** What GraphQL says of the account. */
  readonly fields: Record<string, unknown> = {};
  /** The ids of gists of others. */
  readonly starredGists: string[] = [];
  clock = Date.UTC(2026, 0, 1);
  #id = 900;

  tick(): string {
    this.clock += 60_000;
    return new Date(this.clock).toISOString().replace('.000Z', 'Z');
  }

  gist(name: string, more: Partial<Gist> = {}): Gist {
    const at = this.tick();
    const made = { name, description: '', isPublic: true, createdAt: at, updatedAt: at, comments: [], ...more };
    this.gists.push(made);
    return made;
  }

  commentOnGist(gist: Gist, body: string, author = 'guest'): void {
    const at = this.tick();
    gist.comments.push({ id: ++this.#id, body, author, at });
    gist.updatedAt = at;
  }

  project(title: string): Project {
    const at = this.tick();
    const made = { number: this.projects.length + 1, title, createdAt: at, updatedAt: at, items: [] };
    this.projects.push(made);
    return made;
  }

  projectItem(project: Project, content: ProjectItem['content'], values: ProjectItem['values'] = {}): ProjectItem {
    const item = { id: ++this.#id, content, values };
    project.items.push(item);
    project.updatedAt = this.tick();
    return item;
  }
}
