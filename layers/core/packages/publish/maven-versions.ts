import type { RegistryApi } from '#core/sources/codeartifact/registry-api.ts';
import { nameOf, type PackageName } from '#core/sources/codeartifact/package-name.ts';

/** Knows the versions of the package that is being put back, without asking for each of them. */
export class MavenVersions {
  readonly #api: Pick<RegistryApi, 'versions'>;
  readonly #known = new Map<string, Promise<Set<string>>>();

  constructor(api: Pick<RegistryApi, 'versions'>) {
    this.#api = api;
  }

  /** The publisher of a version adds it. */
  of(name: PackageName): Promise<Set<string>> {
    const key = nameOf(name);
    const known = this.#known.get(key) ?? this.#api.versions(name).then((versions) => new Set(versions));
    this.#known.set(key, known);
    known.catch(() => this.#known.delete(key));
    return known;
  }

  forget(name: PackageName): void {
    this.#known.delete(nameOf(name));
  }
}
