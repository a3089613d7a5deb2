import { HoldfastError } from '#core/runtime/errors.ts';
import { once } from '#core/runtime/once.ts';
import type { Feeds, KindName, ListedSource } from '#core/sources/source.ts';
import { definitionOf } from '#core/sources/table.ts';
import type { Ways } from '#core/vault/chain/ways.ts';
import type { Source } from '#core/vault/layout.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { Kind } from './kind.ts';

/** What is known of a kind before it is loaded. */
interface KindEntry<From> {
  /** Whether its snapshots are claimed, under ids of their own, and only of what is new. */
  readonly claimed?: true;
  load(): Promise<Kind<From>>;
}

/**
 * All kinds, one line each; loaded only when they are needed, since most runs have items of one, and once: a report asks
 * for the kind of each of its items, and `import` takes its time even for what is loaded.
 */
const kinds: { readonly [Name in KindName]: KindEntry<Feeds[Name]> } = {
  repositories: { load: once(async () => (await import('./repositories.ts')).repositories) },
  lfs: { load: once(async () => (await import('./lfs.ts')).lfs) },
  packages: { claimed: true, load: once(async () => (await import('./packages.ts')).packages) },
  records: { load: once(async () => (await import('./records.ts')).records) },
};

/** In which ways snapshots of a source come to a vault. */
export function waysOf(source: Source): Ways {
  const definition = definitionOf(source);
  return {
    byEvents: definition?.deployed?.events !== undefined,
    byClaims: definition?.kinds.some((name) => kinds[name].claimed) ?? false,
  };
}

/**
 * Which kind an item is of, be it listed or stored. The one place that decides it.
 * @throws {HoldfastError} SourceUnsupported for the item of a later version
 */
export function kindOf({ source, path }: Pick<ManifestItem, 'source' | 'path'>): KindName {
  const definition = definitionOf(source);
  if (definition) return definition.kindOf(path);
  throw new HoldfastError('SourceUnsupported', `this version does not know the source ${source}`, {
    advice: 'A later version has stored it. Update Holdfast.',
  });
}

/**
 * Which kind an address is of, as a person writes it: `github/acme/website`.
 * @returns undefined where it does not begin with a source
 */
export function kindAt(address: string): KindName | undefined {
  const [source, ...path] = address.split('/');
  return definitionOf(source)?.kindOf(path);
}

/**
 * Does something with a source as one kind reads it.
 * @throws {HoldfastError} SourceUnsupported where the source does not feed that kind
 */
export async function as<Name extends KindName, Result>(
  name: Name,
  source: ListedSource,
  act: (kind: Kind<Feeds[Name]>, from: Feeds[Name]) => Promise<Result>,
): Promise<Result> {
  const from = source.feeds[name];
  if (from === undefined) throw new HoldfastError('SourceUnsupported', `${source.source} has no ${name}`);
  return act(await loadKind(name), from);
}

export function loadKind<Name extends KindName>(name: Name): Promise<Kind<Feeds[Name]>> {
  return kinds[name].load();
}
