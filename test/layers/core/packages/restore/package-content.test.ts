import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { pack } from 'tar-stream';
import { pythonForm } from '#core/packages/publish/python-metadata.ts';
import { readTarEntry } from '#core/packages/publish/tar-entry.ts';
import { readZipEntry } from '#core/packages/publish/zip-entry.ts';
import type { StoredAsset } from '#core/packages/restore/stored-package.ts';
import { makeNpmTarball, makeSdist, makeWheel } from '../../../../support/packages.ts';
import { collect, cut, failureOf, streamOf } from '../../../../support/streams.ts';
import { sha256 } from '../../../../support/vault-content.ts';
import { versionInMemory } from './small-registry.ts';

function assetOf(name: string, bytes: Buffer, onRead: () => void = () => undefined): StoredAsset {
  const read = (): AsyncGenerator<Buffer> => {
    onRead();
    return streamOf(...cut(bytes, [64 << 10, 1, 700]));
  };
  return { name, bytes: bytes.length, sha256: sha256(bytes), read };
}

const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');

describe('what packages say of themselves', () => {
  it('is read out of a tar in one go, with hashes of the whole', async () => {
    const bytes = await makeNpmTarball({ name: 'app', version: '1.0.0', padding: 300_000 });
    let reads = 0;
    const asset = assetOf('package.tgz', bytes, () => reads++);
    const { entry, digests } = await readTarEntry(asset, (name) => name === 'package/package.json', ['md5']);
    expect(entry?.toString()).to.include('"name": "app"');
    expect(digests.get('md5')?.toString('hex')).to.equal(md5(bytes));
    expect(reads).to.equal(1);
    expect((await readTarEntry(asset, () => false, [])).entry).to.equal(undefined);
  });

  it('is read out of a zip in one go where it stands close to the end, in more where it does not', async () => {
    const near = await makeWheel({ name: 'acme', version: '1.0', padding: 6 << 20 });
    const isMetadata = (name: string): boolean => name.endsWith('.dist-info/METADATA');
    const isModule = (name: string): boolean => name === 'acme.py';
    for (const [fits, expected, text] of [
      [isMetadata, 1, 'Name: acme'],
      [isModule, 3, 'acme 1.0'],
    ] as const) {
      let reads = 0;
      const asset = assetOf(near.name, near.bytes, () => reads++);
      const { entry, digests } = await readZipEntry(asset, fits, ['md5']);
      expect(entry?.toString()).to.include(text);
      expect(digests.get('md5')?.toString('hex')).to.equal(md5(near.bytes));
      expect(reads).to.equal(expected);
    }
  });

  it('is told from what is no archive', async () => {
    const asset = assetOf('x', Buffer.from('neither a tar nor a zip, but long enough to be taken for one'));
    expect((await failureOf(readTarEntry(asset, () => true, []))).code).to.equal('SourceUnsupported');
    expect((await failureOf(readZipEntry(asset, () => true, []))).code).to.equal('SourceUnsupported');
  });

  it('becomes the form that uploads a wheel or a source distribution', async () => {
    const place = { format: 'pypi', namespace: undefined, name: 'acme', version: '1.0' } as const;
    const wheel = await makeWheel({ name: 'acme', version: '1.0' });
    const version = versionInMemory(place, { [wheel.name]: wheel.bytes });
    const form = new Map(await pythonForm(version, version.assets[0]!));
    expect(Object.fromEntries(form)).to.include({
      ':action': 'file_upload',
      protocol_version: '1',
      filetype: 'bdist_wheel',
      pyversion: 'py3',
      name: 'acme',
      version: '1.0',
      md5_digest: md5(wheel.bytes),
      sha256_digest: sha256(wheel.bytes),
    });
    const sdist = await makeSdist({ name: 'acme', version: '1.0' });
    const source = versionInMemory(place, { [sdist.name]: sdist.bytes });
    const fields = new Map(await pythonForm(source, source.assets[0]!));
    expect(Object.fromEntries(fields)).to.include({ filetype: 'sdist', pyversion: 'source', name: 'acme' });
    expect(fields.get('metadata_version')).to.match(/^\d\.\d$/);
  });

  it('goes into the form with every field that comes twice or over several lines, and the description', async () => {
    const info = [
      'Metadata-Version: 2.1',
      'Name: acme',
      'Version: 1.0',
      'Classifier: A',
      'Classifier: B :: C',
      'Project-URL: Home, https://example.com',
      'Requires-Dist: other (>=1)',
      'License: first line',
      '        second line',
      'Description-Content-Type: text/markdown',
      '',
      '# Acme',
      '',
      'Key: no field but text',
      '',
    ].join('\r\n');
    const tar = pack();
    tar.entry({ name: 'acme-1.0/PKG-INFO' }, info);
    tar.finalize();
    const place = { format: 'pypi', namespace: undefined, name: 'acme', version: '1.0' } as const;
    const version = versionInMemory(place, {
      'acme-1.0.tar.gz': gzipSync(await collect(tar as AsyncIterable<Buffer>)),
    });
    const form = await pythonForm(version, version.assets[0]!);
    const own = form.filter(([name]) => !/digest|filetype|pyversion|action|protocol/.test(name));
    expect(own).to.deep.equal([
      ['metadata_version', '2.1'],
      ['name', 'acme'],
      ['version', '1.0'],
      ['classifiers', 'A'],
      ['classifiers', 'B :: C'],
      ['project_urls', 'Home, https://example.com'],
      ['requires_dist', 'other (>=1)'],
      ['license', 'first line\nsecond line'],
      ['description_content_type', 'text/markdown'],
      ['description', '# Acme\n\nKey: no field but text\n'],
    ]);
  });

  it('is refused where it is no distribution of Python', async () => {
    const place = { format: 'pypi', namespace: undefined, name: 'acme', version: '1.0' } as const;
    const version = versionInMemory(place, { 'acme.exe': 'x' });
    expect((await failureOf(pythonForm(version, version.assets[0]!))).message).to.include('acme.exe is neither');
  });
});
