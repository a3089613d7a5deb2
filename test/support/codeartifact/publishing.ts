/**
 * The rules by which versions are published, for all publishers.
 * https://docs.aws.amazon.com/codeartifact/latest/ug/packages-overview.html#package-publishing-overwrite-assets
 */
import type { Content } from './content.ts';
import { isReadable, type Details, type PackageName, type PackageVersion, type Repository } from './model.ts';
import { conflict, Problem } from './problem.ts';
import { nextRevision, type CodeArtifactState } from './state.ts';

/** Assets of a version at most. https://docs.aws.amazon.com/general/latest/gr/codeartifact.html */
const assetsOfVersion = 350;

export interface Publication extends PackageName {
  version: string;
  assets: ReadonlyMap<string, Content>;
  /** Whether this is the last of the version; otherwise it stays Unfinished. */
  finished: boolean;
  details?: Details;
}

/** Publishes or adds to a version. The same assets once more change nothing; others of the same name are refused. */
export async function publish(
  state: CodeArtifactState,
  repository: Repository,
  publication: Publication,
): Promise<PackageVersion> {
  const { version: name, assets, finished, details } = publication;
  const before = state.findVersion(repository, publication);
  const added = before ? await newAssets(before, assets) : assets;
  const of = state.package(repository, publication);
  if (of.restrictions.publish === 'BLOCK') {
    throw conflict('package', of.name, `Package origin controls of '${of.name}' do not allow publishing to it.`);
  }
  // Another publication may have come first while the assets were compared.
  const existing = state.findVersion(repository, publication);
  if (existing !== before) return publish(state, repository, publication);
  if (!existing) {
    const status = finished ? 'Published' : 'Unfinished';
    const options = { ...publication, assets: Object.fromEntries(assets), status, tags: [], quiet: true } as const;
    const made = state.addVersion(repository, { ...options, ...(details && { details }) });
    state.tell(made, 'Created', { assetsAdded: assets.size, metadataUpdated: true, statusChanged: true });
    return made;
  }
  if (existing.status !== 'Unfinished' && !isReadable(existing)) {
    throw conflict('package-version', name, `Version '${name}' is ${existing.status} and cannot be published again.`);
  }
  if (existing.assets.size + added.size > assetsOfVersion) {
    throw new Problem('ServiceQuotaExceededException', `A version has at most ${assetsOfVersion} assets.`);
  }
  const finishes = finished && existing.status === 'Unfinished';
  if (added.size === 0 && !finishes) return existing;
  for (const [asset, content] of added) existing.assets.set(asset, content);
  if (finishes) existing.status = 'Published';
  if (added.size > 0) existing.revision = nextRevision();
  if (details) existing.details = { ...existing.details, ...details };
  state.tell(existing, 'Updated', { assetsAdded: added.size, statusChanged: finishes });
  return existing;
}

async function newAssets(
  version: PackageVersion,
  assets: ReadonlyMap<string, Content>,
): Promise<ReadonlyMap<string, Content>> {
  const added = new Map<string, Content>();
  for (const [name, content] of assets) {
    const existing = version.assets.get(name);
    if (!existing) added.set(name, content);
    else if ((await existing.hashes())['SHA-256'] !== (await content.hashes())['SHA-256']) {
      throw conflict('asset', name, `Asset '${name}' already exists with different content.`);
    }
  }
  return added;
}
