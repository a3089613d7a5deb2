import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CodeartifactClient,
  GetPackageVersionAssetCommand,
  PublishPackageVersionCommand,
} from '@aws-sdk/client-codeartifact';
import {
  mavenAvailable,
  mavenResolve,
  npmIn,
  pipInstall,
  runPython,
  type Registry,
} from '../../support/package-managers.ts';
import {
  makeJarAndPom,
  makeMavenMetadata,
  makeNpmTarball,
  makeNupkg,
  makeSdist,
  makeWheel,
} from '../../support/packages.ts';
import { collect } from '../../support/streams.ts';
import type { PackageName } from '../../support/codeartifact/model.ts';
import { addressOf, domain, libraries, registryOf, repository, untilKept } from '../packages.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const version = '1.0.0';

/** How packages of a format are published and installed, as their own tools do it. */
interface Way extends PackageName {
  /** Publishes one; gives its assets. */
  publish(at: Place): Promise<Record<string, Buffer>>;
  /** Installs it; fails where that is not what was published. */
  install(at: Place, assets: Record<string, Buffer>): Promise<void>;
}

interface Place {
  world: World;
  registry: Registry;
  folder: string;
}

/** Published, kept, deleted, restored by the command line, installed again. */
function restoreOf(way: Way): Scenario {
  return {
    name: `codeartifact-restore-${way.format}`,
    async run(world) {
      const { codeartifact } = world;
      const { format, namespace, package: name } = way;
      const place = async (): Promise<Place> => ({
        world,
        registry: registryOf(world, format),
        folder: await mkdtemp(path.join(world.folder, 'project-')),
      });
      const assets = await way.publish(await place());
      await untilKept(world, way, version, 'Published');
      codeartifact.deletePackage(codeartifact.package(libraries(world), { format, namespace, package: name }));
      await untilKept(world, way, version, 'Deleted');

      const restored = await world.holdfast('restore', addressOf(way), '--to', `${domain}/${repository}`);
      const said = restored.stdout + restored.stderr;
      expect(restored.code, said).to.equal(0);
      expect(codeartifact.tokens.isIn(said)).to.equal(false);
      const found = codeartifact.findVersion(libraries(world), { format, namespace, package: name, version });
      expect(found?.status).to.equal('Published');
      expect([...(found?.assets.after() ?? [])].map(([asset]) => asset)).to.deep.equal(Object.keys(assets).sort());
      for (const [asset, bytes] of Object.entries(assets))
        expect(bytes.equals(await collect(found!.assets.get(asset)!.read())), asset).to.equal(true);
      await way.install(await place(), assets);
    },
  };
}

const group = 'com.example';
const artifact = { group, name: 'kept', version };
const artifactFolder = 'com/example/kept';

export const restoreMaven = restoreOf({
  format: 'maven',
  namespace: group,
  package: artifact.name,
  async publish({ registry }) {
    const { jar, pom } = await makeJarAndPom({ ...artifact, padding: 300_000 });
    for (const { name, bytes } of [jar, pom]) {
      await send(registry, 'PUT', `${artifactFolder}/${version}/${name}`, bytes);
      const checksum = createHash('sha1').update(bytes).digest('hex');
      await send(registry, 'PUT', `${artifactFolder}/${version}/${name}.sha1`, checksum);
    }
    const metadata = makeMavenMetadata({ group, name: artifact.name, versions: [version] });
    await send(registry, 'PUT', `${artifactFolder}/maven-metadata.xml`, metadata);
    return { [jar.name]: jar.bytes, [pom.name]: pom.bytes, 'maven-metadata.xml': metadata };
  },
  async install({ registry, folder }, assets) {
    for (const [name, bytes] of Object.entries(assets))
      if (name !== 'maven-metadata.xml')
        expect(bytes.equals(await send(registry, 'GET', `${artifactFolder}/${version}/${name}`))).to.equal(true);
    const jar = assets[`kept-${version}.jar`]!;
    const maven = mavenAvailable();
    if (maven === true) expect(jar.equals(await mavenResolve(folder, registry, artifact))).to.equal(true);
    else process.stderr.write(`codeartifact-restore-maven: without Maven itself (${maven})\n`);
  },
});

export const restoreNpm = restoreOf({
  format: 'npm',
  namespace: 'acme',
  package: 'kept',
  async publish({ registry, folder }) {
    const tarball = await makeNpmTarball({ name: '@acme/kept', version, padding: 300_000 });
    await writeFile(path.join(folder, 'package.tgz'), tarball);
    await (
      await npmIn(folder, registry)
    )('publish', './package.tgz');
    return { 'package.tgz': tarball };
  },
  async install({ registry, folder }, { 'package.tgz': tarball }) {
    await (
      await npmIn(folder, registry)
    )('install', '@acme/kept');
    const code = await readFile(path.join(folder, 'node_modules/@acme/kept/index.js'), 'utf8');
    expect(code).to.contain(`@acme/kept ${version}`);
    const integrity = `sha512-${createHash('sha512').update(tarball!).digest('base64')}`;
    expect(await readFile(path.join(folder, 'package-lock.json'), 'utf8')).to.contain(integrity);
  },
});

export const restorePypi = restoreOf({
  format: 'pypi',
  package: 'kept-wheel',
  async publish({ registry }) {
    const options = { name: 'kept-wheel', version, padding: 300_000 };
    const [wheel, sdist] = [await makeWheel(options), await makeSdist(options)];
    for (const [{ name, bytes }, filetype] of [
      [wheel, 'bdist_wheel'],
      [sdist, 'sdist'],
    ] as const) {
      const form = new FormData();
      const sha256_digest = createHash('sha256').update(bytes).digest('hex');
      const fields = { ':action': 'file_upload', protocol_version: '1', name: 'kept-wheel', version, filetype };
      for (const [key, value] of Object.entries({ ...fields, sha256_digest })) form.set(key, value);
      form.set('content', new Blob([new Uint8Array(bytes)]), name);
      await send(registry, 'POST', '', form);
    }
    return { [wheel.name]: wheel.bytes, [sdist.name]: sdist.bytes };
  },
  async install({ registry, folder }) {
    await pipInstall(folder, registry, 'kept-wheel');
    expect(await runPython(folder, 'import kept_wheel; print(kept_wheel.said)')).to.equal(`kept-wheel ${version}`);
  },
});

export const restoreNuget = restoreOf({
  format: 'nuget',
  package: 'kept.tools',
  async publish({ registry }) {
    const { name, bytes } = await makeNupkg({ name: 'Kept.Tools', version, padding: 300_000 });
    const form = new FormData();
    form.set('package', new Blob([new Uint8Array(bytes)]), name);
    await send(registry, 'PUT', await resourceOf(registry, 'PackagePublish/2.0.0'), form);
    return { [name.toLowerCase()]: bytes };
  },
  async install({ registry }, assets) {
    const base = await resourceOf(registry, 'PackageBaseAddress/3.0.0');
    for (const [name, bytes] of Object.entries(assets))
      expect(bytes.equals(await send(registry, 'GET', `${base}kept.tools/${version}/${name}`))).to.equal(true);
  },
});

export const restoreGeneric = restoreOf({
  format: 'generic',
  namespace: group,
  package: 'kept-files',
  async publish({ world }) {
    const client = new CodeartifactClient(world.clientConfig);
    const assets = { 'a.bin': Buffer.alloc(300_000, 'a'), 'z.txt': Buffer.from('The end\n') };
    for (const [assetName, assetContent] of Object.entries(assets)) {
      const assetSHA256 = createHash('sha256').update(assetContent).digest('hex');
      const unfinished = assetName === 'a.bin';
      const asset = { assetName, assetContent, assetSHA256, unfinished };
      await client.send(new PublishPackageVersionCommand({ ...genericVersion, ...asset }));
    }
    client.destroy();
    return assets;
  },
  async install({ world }, assets) {
    const client = new CodeartifactClient(world.clientConfig);
    for (const [name, bytes] of Object.entries(assets)) {
      const { asset } = await client.send(new GetPackageVersionAssetCommand({ ...genericVersion, asset: name }));
      expect(bytes.equals((await asset?.transformToByteArray()) ?? Buffer.alloc(0))).to.equal(true);
    }
    client.destroy();
  },
});

const genericVersion = {
  domain,
  repository,
  format: 'generic',
  namespace: group,
  package: 'kept-files',
  packageVersion: version,
} as const;

/** Where NuGet's registry does something, as its index says. */
async function resourceOf(registry: Registry, type: string): Promise<string> {
  const { resources } = JSON.parse((await send(registry, 'GET', 'v3/index.json')).toString()) as {
    resources: { '@id': string; '@type': string }[];
  };
  return resources.find((one) => one['@type'] === type)?.['@id'] ?? '';
}

/** A request to a registry, with its token. */
async function send(
  { endpoint, token }: Registry,
  method: string,
  where: string,
  body?: Buffer | string | FormData,
): Promise<Buffer> {
  const authorization = `Basic ${Buffer.from(`aws:${token}`).toString('base64')}`;
  const content = Buffer.isBuffer(body) ? new Uint8Array(body) : body;
  const init = { method, headers: { authorization }, ...(content === undefined ? {} : { body: content }) };
  const answer = await fetch(new URL(where, endpoint), init);
  if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer());
}
