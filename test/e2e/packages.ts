import * as v from 'valibot';
import { packageItem, repositoryItem } from '#core/sources/codeartifact/places.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { PackageName, Repository } from '../support/codeartifact/model.ts';
import { events } from '../support/command-line.ts';
import type { Registry } from '../support/package-managers.ts';
import type { World } from './world.ts';

/** The repository that the deployment backs up; it backs up no other of the domain. */
export const repository = 'libraries';
export const domain = 'company';
const place = { account: '123456789012', region: 'us-east-1', domain, repository };

export function libraries(world: World): Repository {
  const found = world.codeartifact.findDomain(domain).repositories.get(repository);
  if (!found) throw new Error(`there is no repository ${repository}`);
  return found;
}

/** How a person names a package, or one version of it, of the vault. */
export function addressOf({ format, namespace = '', package: name }: PackageName, version?: string): string {
  return [
    'codeartifact',
    ...repositoryItem(place).path,
    format,
    namespace,
    name,
    ...(version === undefined ? [] : [version]),
  ].join('/');
}

/** As a run lists it: the repository itself, or a package. */
export function itemOf(of?: PackageName): ManifestItem {
  return of ? packageItem({ ...place, namespace: undefined, ...of }) : repositoryItem(place);
}

/** Where a format of the repository is served, with a token for it. */
export function registryOf(world: World, format: PackageName['format']): Registry {
  const { codeartifact } = world;
  const { value: token } = codeartifact.tokens.issue(codeartifact.findDomain(domain), codeartifact.account, 3600);
  return { endpoint: codeartifact.endpointOf(libraries(world), format), token };
}

const snapshotSchema = v.object({
  event: v.literal('snapshot'),
  snapshot: v.string(),
  kind: v.string(),
  metadata: v.optional(v.object({ status: v.optional(v.string()) }), {}),
});

/** The snapshots of a version, oldest first; none where the vault does not know it. */
export async function snapshotsOf(
  world: World,
  name: PackageName,
  version: string,
): Promise<v.InferOutput<typeof snapshotSchema>[]> {
  const { stdout } = await world.holdfast('show', addressOf(name, version), '--json');
  return events(stdout)
    .filter((event) => v.is(snapshotSchema, event))
    .map((event) => v.parse(snapshotSchema, event));
}

/** Waits until the newest snapshot of a version says that it is in this state. */
export function untilKept(world: World, name: PackageName, version: string, status: string): Promise<void> {
  return world.until(async () => (await snapshotsOf(world, name, version)).at(-1)?.metadata.status === status);
}
