/**
 * NuGet's registry, version 3: the service index, the flat container, registrations, pushing.
 * https://learn.microsoft.com/nuget/api/overview; CodeArtifact's service index is at `v3/index.json`. Credentials are
 * those of the source; the key of X-NuGet-ApiKey, which some clients insist on sending, is not looked at.
 */
import { fromBufferPromise, type ZipFile } from 'yauzl';
import { collect } from '../streams.ts';
import type { Content } from './content.ts';
import { isReadable, packageKey, type Details, type Package, type PackageVersion } from './model.ts';
import { partsOf } from './multipart.ts';
import { normalName, normalVersion } from './names.ts';
import { badRequest } from './problem.ts';
import { publish } from './publishing.ts';
import { notFound, type RegistryAnswer, type RegistryCall } from './registry-call.ts';
import { elementsOf, textOf } from './xml.ts';

export async function answerNuGet(call: RegistryCall): Promise<RegistryAnswer> {
  const { method, path, base } = call;
  if (method === 'PUT' && /^v3\/package\/?$/.test(path)) return push(call);
  if (method !== 'GET' && method !== 'HEAD') return { status: 405 };
  if (path === 'v3/index.json') return { status: 200, body: serviceIndex(base) };
  const [, service, id = '', rest = ''] = /^v3\/(flatcontainer|registration)\/([^/]+)\/(.+)$/.exec(path) ?? [];
  const of = call.repository.packages.get(packageKey({ format: 'nuget', package: normalName('nuget', id) }));
  if (!of) return notFound;
  if (service === 'flatcontainer') return flatContainer(of, rest);
  return rest === 'index.json' ? { status: 200, body: registration(base, of) } : notFound;
}

function serviceIndex(base: string): object {
  const resources = [
    { '@id': `${base}v3/flatcontainer/`, '@type': 'PackageBaseAddress/3.0.0' },
    { '@id': `${base}v3/registration/`, '@type': 'RegistrationsBaseUrl/3.6.0' },
    { '@id': `${base}v3/package`, '@type': 'PackagePublish/2.0.0' },
  ];
  return { version: '3.0.0', resources };
}

async function flatContainer(of: Package, rest: string): Promise<RegistryAnswer> {
  if (rest === 'index.json') {
    const versions = listed(of).map(({ version }) => version.toLowerCase());
    return versions.length > 0 ? { status: 200, body: { versions } } : notFound;
  }
  const [wanted = '', file = ''] = rest.split('/');
  const found = of.versions.values().find(({ version }) => version.toLowerCase() === wanted);
  const content = found && isReadable(found) ? packageContent(found) : undefined;
  if (!content) return notFound;
  if (file === `${of.name}.${wanted}.nupkg`) return { status: 200, content };
  if (file !== `${of.name}.nuspec`) return notFound;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: await nuspecIn(content) };
}

function registration(base: string, of: Package): object {
  const items = listed(of).map(({ version, details, publishedAt }) => {
    const content = `${base}v3/flatcontainer/${of.name}/${version.toLowerCase()}/${of.name}.${version.toLowerCase()}.nupkg`;
    const id = details.displayName ?? of.name;
    const entry = { id, version, listed: true, published: publishedAt.toISOString(), packageContent: content };
    return { catalogEntry: entry, packageContent: content };
  });
  const page = {
    count: items.length,
    lower: items[0]?.catalogEntry.version,
    upper: items.at(-1)?.catalogEntry.version,
  };
  return { count: 1, items: [{ ...page, items }] };
}

function listed(of: Package): PackageVersion[] {
  return of.versions.values().filter(({ status }) => status === 'Published');
}

function packageContent({ assets }: PackageVersion): Content | undefined {
  return [...assets.after()].find(([name]) => name.endsWith('.nupkg'))?.[1];
}

async function push(call: RegistryCall): Promise<RegistryAnswer> {
  let content: Content | undefined;
  for await (const part of partsOf(call.header('content-type'), call.body)) content ??= await call.receive(part.body);
  if (!content) throw badRequest('the form holds no package');
  const nuspec = await nuspecIn(content);
  const [id, said] = [textOf(nuspec, 'id'), textOf(nuspec, 'version')];
  if (id === undefined || said === undefined) throw badRequest('the package has no nuspec with an id and a version');
  const [name, version] = [normalName('nuget', id), normalVersion('nuget', said)];
  const { domain, name: repository } = call.repository;
  const path = [domain.name, repository, 'nuget', '', name].join('/');
  call.permit('PublishPackageVersion', `arn:aws:codeartifact:${domain.region}:${domain.owner}:package/${path}`);
  const assets = new Map([[`${name}.${version.toLowerCase()}.nupkg`, content]]);
  const details = detailsOf(id, nuspec);
  const publication = { format: 'nuget', package: name, version, assets, finished: true, details } as const;
  await publish(call.state, call.repository, publication);
  return { status: 201 };
}

/** The manifest in a package; empty where it is none. */
async function nuspecIn(content: Content): Promise<string> {
  const bytes = await collect(content.read());
  let zip: ZipFile;
  try {
    zip = await fromBufferPromise(bytes);
  } catch {
    throw badRequest('the package is not a zip');
  }
  for await (const entry of zip.eachEntry()) {
    if (!/^[^/]+\.nuspec$/i.test(entry.fileName)) continue;
    return (await collect((await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>)).toString();
  }
  return '';
}

function detailsOf(displayName: string, nuspec: string): Details {
  const summary = textOf(nuspec, 'description');
  const homePage = textOf(nuspec, 'projectUrl');
  const license = textOf(nuspec, 'license');
  const pattern = /<dependency\s+id="([^"]+)"\s+version="([^"]+)"/g;
  const dependencies = elementsOf(nuspec, 'dependencies').flatMap((inner) =>
    [...inner.matchAll(pattern)].map(([, id = '', versionRequirement = '']) => {
      return { package: normalName('nuget', id), dependencyType: 'dependency', versionRequirement };
    }),
  );
  return {
    displayName,
    dependencies,
    ...(summary !== undefined && { summary }),
    ...(homePage !== undefined && { homePage }),
    ...(license !== undefined && { licenses: [{ name: license }] }),
  };
}
