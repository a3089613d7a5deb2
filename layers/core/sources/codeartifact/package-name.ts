import type { PackageFormat } from './settings.ts';

/** A package, as registries tell one from another. */
export interface PackageName {
  format: PackageFormat;
  /** npm's scope, Maven's group; undefined where the package has none. */
  namespace: string | undefined;
  name: string;
}

export interface PackageVersion extends PackageName {
  version: string;
}

/** The name of a package as its own tools write it: `@scope/name`, `group:artifact`. */
export function nameOf({ format, namespace, name }: PackageName): string {
  if (namespace === undefined) return name;
  switch (format) {
    case 'npm':
      return `@${namespace}/${name}`;
    case 'maven':
      return `${namespace}:${name}`;
    case 'swift':
      return `${namespace}.${name}`;
    default:
      return `${namespace}/${name}`;
  }
}
