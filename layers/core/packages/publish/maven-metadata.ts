/** https://maven.apache.org/ref/3.9.9/maven-repository-metadata/ */

/** What a Maven repository says of an artifact: all its versions. */
export function artifactMetadata(group: string, artifact: string, versions: readonly string[], now: Date): string {
  const sorted = versions.toSorted(inOrder);
  const release = sorted.findLast((version) => !isSnapshot(version));
  return document(group, artifact, undefined, [
    ...element('latest', sorted.at(-1)),
    ...element('release', release),
    '    <versions>',
    ...sorted.map((version) => `      <version>${escape(version)}</version>`),
    '    </versions>',
    `    <lastUpdated>${stamp(now)}</lastUpdated>`,
  ]);
}

/**
 * What it says of a snapshot: its newest build, as the names of its files tell it.
 * Undefined where they name no build: such snapshots CodeArtifact does not take.
 * https://docs.aws.amazon.com/codeartifact/latest/ug/maven-snapshots.html
 */
export function snapshotMetadata(
  group: string,
  artifact: string,
  version: string,
  files: readonly string[],
): string | undefined {
  const base = version.slice(0, -'-SNAPSHOT'.length);
  const prefix = `${artifact}-${base}-`;
  const builds = files.flatMap((file) => {
    const [, time, number, classifier, extension] =
      (file.startsWith(prefix) &&
        /^(\d{8}\.\d{6})-(\d+)(?:-([^.]+))?\.([a-z0-9.]+)$/i.exec(file.slice(prefix.length))) ||
      [];
    return time === undefined || number === undefined || extension === undefined || isChecksum(file)
      ? []
      : [{ time, number, classifier, extension }];
  });
  const newest = builds.toSorted((a, b) => inOrder(a.time, b.time)).at(-1);
  if (!newest) return undefined;
  const updated = newest.time.replace('.', '');
  return document(group, artifact, version, [
    '    <snapshot>',
    `      <timestamp>${newest.time}</timestamp>`,
    `      <buildNumber>${newest.number}</buildNumber>`,
    '    </snapshot>',
    `    <lastUpdated>${updated}</lastUpdated>`,
    '    <snapshotVersions>',
    ...builds
      .filter(({ time }) => time === newest.time)
      .flatMap(({ classifier, extension, number, time }) => [
        '      <snapshotVersion>',
        ...(classifier === undefined ? [] : [`        <classifier>${escape(classifier)}</classifier>`]),
        `        <extension>${escape(extension)}</extension>`,
        `        <value>${escape(`${base}-${time}-${number}`)}</value>`,
        `        <updated>${updated}</updated>`,
        '      </snapshotVersion>',
      ]),
    '    </snapshotVersions>',
  ]);
}

export function isSnapshot(version: string): boolean {
  return version.endsWith('-SNAPSHOT');
}

export const metadataFile = 'maven-metadata.xml';

/** Whether a file is that metadata, or a checksum of it. */
export function isMetadata(file: string): boolean {
  return file.startsWith(metadataFile);
}

export function isChecksum(file: string): boolean {
  return /\.(md5|sha1|sha256|sha512)$/.test(file);
}

function document(group: string, artifact: string, version: string | undefined, versioning: string[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<metadata modelVersion="1.1.0">',
    `  <groupId>${escape(group)}</groupId>`,
    `  <artifactId>${escape(artifact)}</artifactId>`,
    ...(version === undefined ? [] : [`  <version>${escape(version)}</version>`]),
    '  <versioning>',
    ...versioning,
    '  </versioning>',
    '</metadata>',
    '',
  ].join('\n');
}

function element(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`    <${name}>${escape(value)}</${name}>`];
}

const byNumbers = new Intl.Collator('en', { numeric: true });

/** Numbers by value, and a release after what leads to it. Maven's own order knows more words; clients sort anyway. */
function inOrder(a: string, b: string): number {
  const [baseA = '', qualifierA] = a.split(/-(.*)/s);
  const [baseB = '', qualifierB] = b.split(/-(.*)/s);
  const base = byNumbers.compare(baseA, baseB);
  if (base !== 0 || qualifierA === qualifierB) return base;
  if (qualifierA === undefined) return 1;
  if (qualifierB === undefined) return -1;
  return byNumbers.compare(qualifierA, qualifierB);
}

/** UTC, as Maven writes it. */
function stamp(time: Date): string {
  return time.toISOString().replace(/[-:T]/g, '').slice(0, 14);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
