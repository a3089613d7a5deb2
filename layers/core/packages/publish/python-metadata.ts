import { HoldfastError } from '#core/runtime/errors.ts';
import type { StoredAsset, StoredPackageVersion } from '../restore/stored-package.ts';
import type { Digests } from './hashing.ts';
import { readTarEntry } from './tar-entry.ts';
import { readZipEntry } from './zip-entry.ts';

/**
 * The fields of the form by those of the metadata that are not called the same.
 * https://packaging.python.org/en/latest/specifications/core-metadata/
 * https://docs.pypi.org/api/upload/
 */
const renamed: Readonly<Record<string, string>> = { classifier: 'classifiers', project_url: 'project_urls' };

/** What a Python distribution says of itself, as the form that uploads it wants it. */
export async function pythonForm(
  version: StoredPackageVersion,
  asset: StoredAsset,
): Promise<(readonly [name: string, value: string])[]> {
  const { kind, pythonVersion, read } = distribution(asset);
  const { entry, digests } = await read();
  const own = entry ? formFields(entry.toString('utf8')) : [];
  const stated = new Set(own.map(([name]) => name));
  // What a distribution without metadata would be uploaded with.
  const defaults: (readonly [string, string])[] = [
    ['metadata_version', '1.0'],
    ['name', version.name],
    ['version', version.version],
  ];
  return [
    [':action', 'file_upload'],
    ['protocol_version', '1'],
    ['filetype', kind],
    ['pyversion', pythonVersion],
    ['md5_digest', digests.get('md5')?.toString('hex') ?? ''],
    ['sha256_digest', asset.sha256],
    ...defaults.filter(([name]) => !stated.has(name)),
    ...own,
  ];
}

interface Distribution {
  kind: 'bdist_wheel' | 'sdist' | 'bdist_egg';
  pythonVersion: string;
  read: () => Promise<{ entry: Buffer | undefined; digests: Digests }>;
}

/** https://packaging.python.org/en/latest/specifications/binary-distribution-format/#file-name-convention */
function distribution(asset: StoredAsset): Distribution {
  const parts = asset.name.split('-');
  if (asset.name.endsWith('.whl'))
    return {
      kind: 'bdist_wheel',
      pythonVersion: parts.at(-3) ?? 'py3',
      read: () => readZipEntry(asset, (name) => /^[^/]+\.dist-info\/METADATA$/.test(name), ['md5']),
    };
  if (asset.name.endsWith('.egg'))
    return {
      kind: 'bdist_egg',
      pythonVersion: /^py(\d[\d.]*\d)/.exec(parts[2] ?? '')?.[1] ?? '3',
      read: () => readZipEntry(asset, (name) => name === 'EGG-INFO/PKG-INFO', ['md5']),
    };
  const isInfo = (name: string): boolean => /^(\.\/)?[^/]+\/PKG-INFO$/.test(name);
  const sdist = { kind: 'sdist', pythonVersion: 'source' } as const;
  if (asset.name.endsWith('.zip')) return { ...sdist, read: () => readZipEntry(asset, isInfo, ['md5']) };
  if (/\.(tar|tar\.gz|tgz)$/.test(asset.name)) return { ...sdist, read: () => readTarEntry(asset, isInfo, ['md5']) };
  throw new HoldfastError('SourceUnsupported', `${asset.name} is neither a wheel nor a source distribution`, {
    advice: 'Restore it to a folder.',
  });
}

/** The headers of the metadata, and its body, which is the description. */
function formFields(text: string): (readonly [name: string, value: string])[] {
  const [head = '', description = ''] = text.replaceAll('\r\n', '\n').split(/\n\n(.*)/s);
  const fields = head
    // A line that begins with white space belongs to the one before it.
    .split(/\n(?![ \t])/)
    .flatMap((line): (readonly [string, string])[] => {
      const [, name, value] = /^([A-Za-z0-9-]+):[ \t]*(.*)$/s.exec(line) ?? [];
      if (name === undefined || value === undefined) return [];
      const field = name.toLowerCase().replaceAll('-', '_');
      return [[renamed[field] ?? field, value.replace(/\n(?: {7}\||[ \t]{8}|[ \t])/g, '\n')]];
    });
  return description.trim() === '' ? fields : [...fields, ['description', description]];
}
