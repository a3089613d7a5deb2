/** Assets, as the API of the stand-in for CodeArtifact lists, gives and takes them. */
import { named, packageName, page, repositoryOf, required, versionOf, type Operation } from './api-call.ts';
import type { Content } from './content.ts';
import { isReadable } from './model.ts';
import { conflict, invalid, missing } from './problem.ts';
import { publish } from './publishing.ts';
import type { SortedMap } from './sorted-map.ts';

export const assetOperations: Record<string, Operation> = {
  async ListPackageVersionAssets(call) {
    const { package: of, version, revision, assets } = versionOf(call);
    const body = page(call, 'assets', withNames(assets), ([name, content]) => ({ name, content }));
    const entries = (body.assets ?? []) as { name: string; content: Content }[];
    const described = await Promise.all(entries.map(({ name, content }) => asset(name, content)));
    return { body: { ...named(of), version, versionRevision: revision, ...body, assets: described } };
  },

  GetPackageVersionAsset(call) {
    const found = versionOf(call);
    const name = required(call, 'asset');
    const revision = call.query.get('revision');
    if (!isReadable(found)) {
      // Which error AWS answers is not documented; that it gives no asset is.
      throw conflict('package-version', found.version, `Assets of versions that are ${found.status} cannot be read.`);
    }
    if (revision !== null && revision !== found.revision) {
      throw conflict('package-version', found.version, `The version has another revision: ${found.revision}`);
    }
    const content = found.assets.get(name);
    if (!content) throw missing('asset', name, `version '${found.version}' of package '${found.package.name}'`);
    const headers = {
      'content-type': 'application/octet-stream',
      'X-AssetName': Buffer.from(name).toString('latin1'),
      'X-PackageVersion': Buffer.from(found.version).toString('latin1'),
      'X-PackageVersionRevision': found.revision,
    };
    return { headers, content };
  },

  async PublishPackageVersion(call) {
    const repository = repositoryOf(call);
    const name = packageName(call);
    const version = required(call, 'version');
    const assetName = required(call, 'asset');
    if (name.format !== 'generic') throw invalid('PublishPackageVersion is for packages of format generic only');
    if (!/^[^\p{C}/\\]{1,255}$/u.test(assetName)) throw invalid(`'${assetName}' is not a name for an asset`);
    const content = await call.upload();
    const stated = call.header('x-amz-content-sha256');
    const { 'SHA-256': sha256 } = await content.hashes();
    if (stated?.toLowerCase() !== sha256) throw invalid(`The content's SHA-256 is ${sha256}, not ${String(stated)}`);
    const finished = call.query.get('unfinished') !== 'true';
    const assets = new Map([[assetName, content]]);
    const published = await publish(call.state, repository, { ...name, version, assets, finished });
    const { package: of, revision, status } = published;
    const body = { ...named(of), version, versionRevision: revision, status, asset: await asset(assetName, content) };
    return { body };
  },
};

async function asset(name: string, content: Content) {
  return { name, size: content.size, hashes: await content.hashes() };
}

function withNames(assets: SortedMap<Content>): Pick<SortedMap<[string, Content]>, 'after'> {
  return {
    *after(key) {
      for (const [name, content] of assets.after(key)) yield [name, [name, content]];
    },
  };
}
