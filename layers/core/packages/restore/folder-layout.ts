import { HoldfastError } from '#core/runtime/errors.ts';
import { faultOfFileName, faultOnWindows } from '#core/runtime/file-name.ts';
import type { PackageName } from '#core/sources/codeartifact/package-name.ts';

/**
 * Where an asset stands in a folder: as the format's own registry, or its tools, lay it out.
 * @throws {HoldfastError} SourceUnsupported for a name that no file should have
 */
export function layOut(version: PackageName & { version: string }, asset: string): string[] {
  const segments = segmentsOf(version, asset);
  for (const segment of segments) {
    const fault = faultOfFileName(segment) ?? faultOnWindows(segment);
    if (fault !== undefined)
      throw new HoldfastError('SourceUnsupported', `${JSON.stringify(segment.slice(0, 200))} ${fault}`, {
        advice: 'A file cannot have such a name. Restore the package to a repository of CodeArtifact.',
      });
  }
  return segments;
}

function segmentsOf(version: PackageName & { version: string }, asset: string): string[] {
  const { format, namespace, name } = version;
  const space = namespace === undefined ? [] : [namespace];
  switch (format) {
    case 'maven': // https://maven.apache.org/repositories/layout.html
      return [format, ...(namespace ?? '').split('.'), name, version.version, asset];
    case 'npm': // https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md, of the tarballs
      return [format, ...space.map((scope) => `@${scope}`), name, '-', npmFile(name, version.version, asset)];
    case 'pypi': // https://peps.python.org/pep-0503/
      return [format, 'simple', name.toLowerCase().replace(/[-_.]+/g, '-'), asset];
    case 'nuget': // https://learn.microsoft.com/en-us/nuget/api/package-base-address-resource
      return [format, name.toLowerCase(), version.version.toLowerCase(), asset.toLowerCase()];
    case 'ruby': // https://guides.rubygems.org/run-your-own-gem-server/
      return [format, 'gems', asset];
    case 'swift':
    case 'cargo':
    case 'generic':
      return [format, ...space, name, version.version, asset];
  }
}

/** CodeArtifact calls all tarballs the same; in a folder they need their own names. */
function npmFile(name: string, version: string, asset: string): string {
  return asset === 'package.tgz' ? `${name}-${version}.tgz` : asset;
}
