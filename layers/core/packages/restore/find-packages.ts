import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { unescapeSegment } from '#core/vault/key-escape.ts';
import { addressOf, itemPrefix, longItemsPrefix, parseSnapshotKey } from '#core/vault/layout.ts';
import type { SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Vault } from '#core/vault/storage/vault.ts';
import { codeArtifactDefinition } from '#core/sources/codeartifact/index.ts';
import { isFormat } from '#core/sources/codeartifact/settings.ts';

/** What a vault holds of one package: of all its versions, or of those that were asked for. */
export interface PackageInVault {
  /** `[account, region, domain, repository, format, namespace, package]` */
  path: readonly string[];
  /** The item of the package itself, with its settings; absent where it was never stored. */
  settings: ItemInVault | undefined;
  /** In the order of their keys. */
  versions: ItemInVault[];
}

/** One item and its whole snapshots. */
export interface ItemInVault {
  /** Its prefix. */
  item: string;
  /** As a person writes it. */
  address: string;
  /** Oldest first; never empty. */
  snapshots: SnapshotId[];
}

/** The source of all packages. */
const origin = codeArtifactDefinition.name;

/** Where items stand whose keys would be too long: under a hash of their path. */
const longItems = longItemsPrefix(origin);

/** How deep the items of a repository, a package and a version stand. */
const depth = { repository: 4, package: 7, version: 8 } as const;

/**
 * What a person means by `codeartifact/<account>/<region>/<domain>/<repository>[/<format>[/<namespace>/<package>[/<version>]]]`.
 * A package without a namespace has an empty one: `npm//lodash`.
 * @throws {HoldfastError} Usage
 */
export function parsePackagesAddress(typed: string): string[] {
  const [source, ...path] = typed.replace(/\/+$/, '').split('/');
  const [, , , , format, namespace, ...rest] = path;
  const whole = path.slice(0, depth.repository).every((part) => part !== '') && rest.every((part) => part !== '');
  if (source !== origin || path.length < depth.repository || path.length > depth.version || !whole)
    throw usage(typed, 'is not of that form');
  if (format !== undefined && !isFormat(format)) throw usage(typed, `has the unknown format ${JSON.stringify(format)}`);
  // npm writes its scopes with a sign that CodeArtifact leaves out.
  if (format === 'npm' && namespace?.startsWith('@')) path[5] = namespace.slice(1);
  return path;
}

function usage(typed: string, why: string): HoldfastError {
  return new HoldfastError('Usage', `${JSON.stringify(typed)} ${why}`, {
    advice:
      'Write codeartifact/<account>/<region>/<domain>/<repository>/<format>/<namespace>/<package>/<version>, or leave parts out from the end; an empty namespace stays empty: npm//lodash.',
  });
}

/** The packages below a path, one after the other; of each the versions below it. Only one is held in memory. */
export async function* packagesBelow(vault: Vault, path: readonly string[]): AsyncGenerator<PackageInVault> {
  for await (const items of itemsByPackage(vault, itemPrefix(origin, path))) {
    const [first] = items;
    // Below a package's own path its item is listed with its versions.
    if (first) yield await packageOf(vault, items, first, path.length <= depth.package);
  }
  for await (const [item] of itemsByPackage(vault, longItems)) {
    if (!item) continue;
    const place = await pathOf(vault, item);
    if (place.length === depth.version && path.every((part, at) => place[at] === part))
      yield { path: place.slice(0, depth.package), settings: await packageSettings(vault, place), versions: [item] };
  }
}

/** The item of a repository, with its settings; undefined where it was never stored. */
export function repositoryInVault(vault: Vault, path: readonly string[]): Promise<ItemInVault | undefined> {
  return itemAt(vault, itemPrefix(origin, path.slice(0, depth.repository)));
}

/** All that is below a prefix, as much as belongs to one package at a time. */
async function* itemsByPackage(vault: Vault, prefix: string): AsyncGenerator<ItemInVault[]> {
  let current = '';
  let items = new Map<string, ItemInVault>();
  for await (const { key } of vault.list(prefix)) {
    const place = parseSnapshotKey(key);
    if (place?.name !== 'manifest.json') continue;
    const parts = place.item.split('/');
    if (!isLong(place.item) && parts.length - 2 < depth.package) continue;
    const packagePrefix = parts.slice(0, 1 + depth.package).join('/');
    if (packagePrefix !== current) {
      yield [...items.values()];
      current = packagePrefix;
      items = new Map();
    }
    const item = items.get(place.item) ?? { item: place.item, address: addressOf(place.item), snapshots: [] };
    item.snapshots.push(place.snapshot);
    items.set(place.item, item);
  }
  yield [...items.values()];
}

async function packageOf(
  vault: Vault,
  items: readonly ItemInVault[],
  first: ItemInVault,
  isWhole: boolean,
): Promise<PackageInVault> {
  const place = await pathOf(vault, first);
  const own = itemPrefix(origin, place.slice(0, depth.package));
  const listed = items.find(({ item }) => item === own);
  return {
    path: place.slice(0, depth.package),
    settings: isWhole ? listed : await packageSettings(vault, place),
    versions: items.filter(({ item }) => item !== own),
  };
}

function packageSettings(vault: Vault, path: readonly string[]): Promise<ItemInVault | undefined> {
  return itemAt(vault, itemPrefix(origin, path.slice(0, depth.package)));
}

async function itemAt(vault: Vault, prefix: string): Promise<ItemInVault | undefined> {
  const snapshots: SnapshotId[] = [];
  // Snapshots begin with their year, so hardly any of what is nested in the item need be listed.
  for await (const { key } of vault.list(`${prefix}2`)) {
    const place = parseSnapshotKey(key);
    if (place?.item === prefix && place.name === 'manifest.json') snapshots.push(place.snapshot);
  }
  return snapshots.length === 0 ? undefined : { item: prefix, address: addressOf(prefix), snapshots };
}

/** What the escaped parts of a prefix stand for; its manifest knows where they are cut short. */
async function pathOf(vault: Vault, { item, snapshots }: ItemInVault): Promise<readonly string[]> {
  const parts = item.split('/').slice(1, -1).map(unescapeSegment);
  const path = parts.filter((part) => part !== undefined);
  if (path.length === parts.length) return path;
  const { manifest } = await new Catalogue(vault).manifest(item, snapshots.at(-1) ?? '');
  return manifest.item.path;
}

function isLong(item: string): boolean {
  return item.startsWith(longItems);
}
