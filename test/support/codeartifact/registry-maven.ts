/**
 * Maven's layout over HTTP.
 *
 * Assets may come in any order; the version is Unfinished until the package's `maven-metadata.xml` names it. Checksum
 * files are compared, not kept. https://docs.aws.amazon.com/codeartifact/latest/ug/maven-curl.html and
 * https://docs.aws.amazon.com/codeartifact/latest/ug/maven-checksums.html. What AWS makes of earlier builds of a
 * SNAPSHOT is left out.
 */
import { collect } from '../streams.ts';
import { contentOf, type Content } from './content.ts';
import { isReadable, packageKey, type Details, type Package } from './model.ts';
import { publish } from './publishing.ts';
import { notFound, type RegistryAnswer, type RegistryCall } from './registry-call.ts';
import { elementsOf, textOf } from './xml.ts';

const metadataName = 'maven-metadata.xml';

const checksums = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256', sha512: 'SHA-512' } as const;

interface File {
  namespace: string;
  package: string;
  /** Undefined for the metadata of a package. */
  version: string | undefined;
  name: string;
  /** Of a checksum file; `name` is then that of what it belongs to. */
  checksum: (typeof checksums)[keyof typeof checksums] | undefined;
}

export async function answerMaven(call: RegistryCall): Promise<RegistryAnswer> {
  const file = parse(call.path);
  if (!file) return notFound;
  if (call.method === 'PUT') return file.checksum ? compare(call, file) : put(call, file);
  if (call.method !== 'GET' && call.method !== 'HEAD') return { status: 405 };
  const content = find(call, file);
  if (!content) return notFound;
  const { checksum } = file;
  return checksum ? { status: 200, body: (await content.hashes())[checksum] ?? '' } : { status: 200, content };
}

function parse(path: string): File | undefined {
  const [, base = path, extension = ''] = /^(.*)\.(md5|sha1|sha256|sha512)$/.exec(path) ?? [];
  const checksum = Object.entries(checksums).find(([name]) => name === extension)?.[1];
  const parts = base.split('/');
  const name = parts.pop() ?? '';
  const ofPackage = name === metadataName && parts.at(-1)?.endsWith('-SNAPSHOT') !== true;
  const version = ofPackage ? undefined : parts.pop();
  const artifact = parts.pop() ?? '';
  if (name === '' || artifact === '' || parts.length === 0) return undefined;
  return { namespace: parts.join('.'), package: artifact, version, name, checksum };
}

function packageOf({ repository }: RegistryCall, { namespace, package: name }: File): Package | undefined {
  return repository.packages.get(packageKey({ format: 'maven', namespace, package: name }));
}

function find(call: RegistryCall, file: File): Content | undefined {
  const of = packageOf(call, file);
  if (!of) return undefined;
  if (file.version === undefined) return metadataOf(of);
  const found = of.versions.get(file.version);
  return found && isReadable(found) ? found.assets.get(file.name) : undefined;
}

async function put(call: RegistryCall, file: File): Promise<RegistryAnswer> {
  const { version } = file;
  const name = { format: 'maven', namespace: file.namespace, package: file.package } as const;
  const { domain, name: repository } = call.repository;
  const path = [domain.name, repository, 'maven', file.namespace, file.package].join('/');
  const isMetadata = file.name === metadataName;
  const resource = `arn:aws:codeartifact:${domain.region}:${domain.owner}:package/${path}`;
  call.permit(isMetadata ? 'PutPackageMetadata' : 'PublishPackageVersion', resource);
  const content = await call.receive(call.body);
  if (isMetadata) {
    const xml = (await collect(content.read())).toString();
    const named = version === undefined ? elementsOf(xml, 'version') : [version];
    const of = packageOf(call, file);
    if (of) of.metadata = content;
    for (const one of named) {
      if (of?.versions.get(one)?.status !== 'Unfinished') continue;
      const assets = new Map([[metadataName, content]]);
      await publish(call.state, call.repository, { ...name, version: one, assets, finished: true });
    }
  } else if (version !== undefined) {
    const details = file.name.endsWith('.pom') ? pomDetails((await collect(content.read())).toString()) : {};
    const assets = new Map([[file.name, content]]);
    await publish(call.state, call.repository, { ...name, version, assets, finished: false, details });
  }
  return { status: 201 };
}

async function compare(call: RegistryCall, file: File): Promise<RegistryAnswer> {
  const { checksum, version } = file;
  const of = packageOf(call, file);
  const content = version === undefined ? of?.metadata : of?.versions.get(version)?.assets.get(file.name);
  const stated = (await collect(call.body)).toString().trim().split(/\s/)[0]?.toLowerCase();
  if (!content || !checksum) return notFound;
  const { [checksum]: actual } = await content.hashes();
  if (stated === actual) return { status: 201 };
  return { status: 400, body: { message: `${checksum} of ${file.name} is ${String(actual)}, not ${String(stated)}` } };
}

/** Of what is published now, whatever was put. */
function metadataOf(of: Package): Content | undefined {
  const published = of.versions.values().filter(({ status }) => status === 'Published');
  const versions = published.sort((a, b) => a.publishedAt.getTime() - b.publishedAt.getTime());
  const newest = versions.at(-1);
  if (!newest) return undefined;
  const list = versions.map(({ version }) => `      <version>${version}</version>`).join('\n');
  const updated = newest.publishedAt.toISOString().replace(/\D/g, '').slice(0, 14);
  return contentOf(`<?xml version="1.0" encoding="UTF-8"?>
<metadata modelVersion="1.1.0">
  <groupId>${of.namespace ?? ''}</groupId>
  <artifactId>${of.name}</artifactId>
  <versioning>
    <latest>${newest.version}</latest>
    <release>${newest.version}</release>
    <versions>
${list}
    </versions>
    <lastUpdated>${updated}</lastUpdated>
  </versioning>
</metadata>
`);
}

function pomDetails(pom: string): Details {
  const own = pom.replace(/<(dependencyManagement|build|parent|profiles)>.*?<\/\1>/gs, '');
  const top = own.replace(/<(dependencies|licenses|scm|developers|organization)>.*?<\/\1>/gs, '');
  const dependencies = elementsOf(elementsOf(own, 'dependencies')[0] ?? '', 'dependency').map((one) => ({
    namespace: textOf(one, 'groupId') ?? '',
    package: textOf(one, 'artifactId') ?? '',
    dependencyType: textOf(one, 'scope') ?? 'compile',
    versionRequirement: textOf(one, 'version') ?? '',
  }));
  const licenses = elementsOf(own, 'license').map((one) => {
    const url = textOf(one, 'url');
    return { name: textOf(one, 'name') ?? '', ...(url !== undefined && { url }) };
  });
  const fields = {
    displayName: textOf(top, 'name'),
    summary: textOf(top, 'description'),
    homePage: textOf(top, 'url'),
    sourceCodeRepository: textOf(elementsOf(own, 'scm')[0] ?? '', 'url'),
  };
  const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { ...known, dependencies, licenses };
}
