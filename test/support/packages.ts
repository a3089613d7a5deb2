/** Real packages, made again: package managers install them. The same options make the same bytes. */
import { createHash } from 'node:crypto';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { ZipFile } from 'yazl';
import { generatedContent } from './codeartifact/content.ts';
import { escapeXml } from './codeartifact/xml.ts';
import { collect } from './streams.ts';

export interface PackageOptions {
  name: string;
  version: string;
  /** Default: one that says what it is. */
  description?: string;
  /** Bytes that nothing can compress, put into it besides. Default none. */
  padding?: number;
}

/** A file as a registry wants it. */
export interface PackageFile {
  name: string;
  bytes: Buffer;
}

type Files = Record<string, string | Buffer>;

/** An npm package; its code says `<name> <version>`. The name may have a scope. */
export async function makeNpmTarball({
  manifest = {},
  ...options
}: PackageOptions & { manifest?: object }): Promise<Buffer> {
  const { name, version, description = `The package ${name}` } = options;
  const said = { name, version, description, license: 'Apache-2.0', main: 'index.js', ...manifest };
  return makeTarGz({
    'package/package.json': JSON.stringify(said, undefined, 2),
    'package/index.js': `module.exports = ${JSON.stringify(`${name} ${version}`)};\n`,
    'package/README.md': `# ${name}\n`,
    ...(await padding(options, 'package/padding.bin')),
  });
}

/** A wheel with one module, whose `said` is `<name> <version>`. */
export async function makeWheel(options: PackageOptions): Promise<PackageFile> {
  const { name, version } = options;
  const module = moduleName(name);
  const info = `${module}-${version}.dist-info`;
  const files: Files = {
    [`${module}.py`]: `said = ${JSON.stringify(`${name} ${version}`)}\n`,
    ...(await padding(options, `${module}.bin`)),
    [`${info}/METADATA`]: pythonMetadata(options),
    [`${info}/WHEEL`]: wheelFile,
  };
  const lines = Object.entries(files).map(([path, content]) => {
    const digest = createHash('sha256').update(content).digest('base64url');
    return `${path},sha256=${digest},${Buffer.byteLength(content)}`;
  });
  files[`${info}/RECORD`] = [...lines, `${info}/RECORD,,`, ''].join('\n');
  return { name: `${module}-${version}-py3-none-any.whl`, bytes: await makeZip(files) };
}

/** A source distribution of the same; it brings its own build backend, so that pip needs nothing else to build it. */
export async function makeSdist(options: PackageOptions): Promise<PackageFile> {
  const { name, version } = options;
  const module = moduleName(name);
  const folder = `${module}-${version}`;
  const bytes = await makeTarGz({
    [`${folder}/PKG-INFO`]: pythonMetadata(options),
    [`${folder}/pyproject.toml`]: '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    [`${folder}/backend.py`]: buildBackend(module, version),
    [`${folder}/${module}.py`]: `said = ${JSON.stringify(`${name} ${version}`)}\n`,
    ...(await padding(options, `${folder}/padding.bin`)),
  });
  return { name: `${folder}.tar.gz`, bytes };
}

/** A jar with nothing to run in it, and its POM, named as Maven names them. */
export async function makeJarAndPom(
  options: PackageOptions & { group: string },
): Promise<{ jar: PackageFile; pom: PackageFile }> {
  const { group, name, version, description = `The artifact ${name}` } = options;
  const coordinates = `groupId=${group}\nartifactId=${name}\nversion=${version}\n`;
  const bytes = await makeZip({
    'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\r\n\r\n',
    [`META-INF/maven/${group}/${name}/pom.properties`]: coordinates,
    ...(await padding(options, 'padding.bin')),
  });
  const pom = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>${group}</groupId>
  <artifactId>${name}</artifactId>
  <version>${version}</version>
  <packaging>jar</packaging>
  <name>${name}</name>
  <description>${escapeXml(description)}</description>
  <licenses>
    <license>
      <name>Apache-2.0</name>
    </license>
  </licenses>
</project>
`;
  const base = `${name}-${version}`;
  return { jar: { name: `${base}.jar`, bytes }, pom: { name: `${base}.pom`, bytes: Buffer.from(pom) } };
}

/** What names the versions of a Maven artifact, the newest last. */
export function makeMavenMetadata({
  group,
  name,
  versions,
}: {
  group: string;
  name: string;
  versions: string[];
}): Buffer {
  const newest = versions.at(-1) ?? '';
  const list = versions.map((version) => `      <version>${version}</version>\n`).join('');
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<metadata modelVersion="1.1.0">
  <groupId>${group}</groupId>
  <artifactId>${name}</artifactId>
  <versioning>
    <latest>${newest}</latest>
    <release>${newest}</release>
    <versions>
${list}    </versions>
    <lastUpdated>20260101000000</lastUpdated>
  </versioning>
</metadata>
`);
}

/** A NuGet package, named as CodeArtifact names it. */
export async function makeNupkg(options: PackageOptions): Promise<PackageFile> {
  const { name, version, description = `The package ${name}` } = options;
  const nuspec = `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>${name}</id>
    <version>${version}</version>
    <authors>Tests</authors>
    <license type="expression">Apache-2.0</license>
    <description>${escapeXml(description)}</description>
    <dependencies>
      <group targetFramework=".NETStandard2.0" />
    </dependencies>
  </metadata>
</package>
`;
  const bytes = await makeZip({
    '[Content_Types].xml': contentTypes,
    '_rels/.rels': relationships(name),
    [`${name}.nuspec`]: nuspec,
    'lib/netstandard2.0/_._': '',
    ...(await padding(options, 'content/padding.bin')),
  });
  return { name: `${name}.${version}.nupkg`.toLowerCase(), bytes };
}

async function padding({ name, version, padding: size = 0 }: PackageOptions, path: string): Promise<Files> {
  if (size === 0) return {};
  return { [path]: await collect(generatedContent({ size, seed: `${name} ${version}` }).read()) };
}

async function makeTarGz(files: Files): Promise<Buffer> {
  const tar = pack();
  const whole = collect(tar.pipe(createGzip()));
  const mtime = new Date('1985-10-26T08:15:00Z'); // as npm pack dates its files
  for (const [name, content] of Object.entries(files)) tar.entry({ name, mtime, mode: 0o644 }, content);
  tar.finalize();
  return whole;
}

async function makeZip(files: Files): Promise<Buffer> {
  const zip = new ZipFile();
  const mtime = new Date(2000, 0, 1); // a local time, since zips know no zone
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name, { mtime });
  zip.end();
  return collect(zip.outputStream as AsyncIterable<Buffer>);
}

function moduleName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '_');
}

const wheelFile = 'Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n';

function pythonMetadata({ name, version, description = `The package ${name}` }: PackageOptions): string {
  const fields = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`, `Summary: ${description}`];
  return [...fields, 'License: Apache-2.0', 'Requires-Python: >=3.7', '', `# ${name}`, ''].join('\n');
}

function buildBackend(module: string, version: string): string {
  return `import os, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "${module}-${version}-py3-none-any.whl"
    info = "${module}-${version}.dist-info"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.write("${module}.py")
        wheel.write("PKG-INFO", info + "/METADATA")
        wheel.writestr(info + "/WHEEL", ${JSON.stringify(wheelFile)})
        wheel.writestr(info + "/RECORD", "")
    return name
`;
}

const contentTypes = `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />
  <Default Extension="nuspec" ContentType="application/octet" />
</Types>
`;

function relationships(name: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/${name}.nuspec" Id="nuspec" />
</Relationships>
`;
}
