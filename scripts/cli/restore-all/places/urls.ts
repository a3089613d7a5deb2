import type { RepositoryContent } from '#core/repositories/restore/content.ts';
import type { Context } from '../../context.ts';
import type { Target, TargetFlags } from '../../open-target.ts';
import type { Chosen } from '../plan.ts';
import { fileNames } from './names.ts';
import type { Place, Places, Standing, Transfer, Transferred } from './place.ts';
import { pushTo, standingAt, withTarget } from './server-place.ts';

/** Repositories below a URL that exist already, empty: a Git server has no common way to make them. */
export class Urls implements Places {
  readonly lacks = [];
  readonly notes = [];
  readonly name: string;

  readonly #context: Context;
  readonly #flags: TargetFlags;

  constructor(context: Context, url: string, flags: TargetFlags) {
    this.#context = context;
    this.#flags = flags;
    this.name = `${url.replace(/\/+$/, '')}/`;
  }

  refuses(): undefined {
    return undefined;
  }

  place(item: Chosen): Place {
    const url = `${this.name}${fileNames(item).map(encodeURIComponent).join('/')}.git`;
    return new UrlPlace(this.#context, url, this.#flags);
  }

  close(): void {
    // Each place closes what it opened.
  }
}

class UrlPlace implements Place {
  readonly #context: Context;
  readonly name: string;
  readonly #flags: TargetFlags;

  constructor(context: Context, name: string, flags: TargetFlags) {
    this.#context = context;
    this.name = name;
    this.#flags = flags;
  }

  look(): Promise<Standing | undefined> {
    return this.#with(standingAt);
  }

  restore(content: RepositoryContent, transfer: Transfer): Promise<Transferred> {
    return this.#with(async (target) => {
      const { leftOut, refused, defaultBranch } = await pushTo(this.#context.vault, target, content, transfer);
      return { leftOut, refused, notes: defaultBranch === undefined ? [] : [setByHand(defaultBranch)] };
    });
  }

  #with<T>(act: (target: Target) => Promise<T>): Promise<T> {
    return withTarget(this.#context, this.name, this.#flags, act);
  }
}

export function setByHand(branch: string): string {
  return `set the default branch to ${branch.replace('refs/heads/', '')} in the server's settings`;
}
