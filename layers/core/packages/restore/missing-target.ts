import { HoldfastError } from '#core/runtime/errors.ts';
import type { PackageTarget } from './target.ts';

/** A repository that is not there yet, for a dry run: it has nothing and takes nothing. */
export class MissingTarget implements PackageTarget {
  readonly name: string;
  readonly inSteps = true;

  constructor(name: string) {
    this.name = name;
  }

  existing(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  publish(): Promise<void> {
    return Promise.reject(new HoldfastError('NotFound', `${this.name} is not there yet`));
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
    // Nothing is open.
  }
}
