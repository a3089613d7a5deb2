import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { ZipFile } from 'yazl';
import { pythonForm } from '#core/packages/publish/python-metadata.ts';
import { readTarEntry } from '#core/packages/publish/tar-entry.ts';
import { readZipEntry } from '#core/packages/publish/zip-entry.ts';
import type { StoredAsset } from '#core/packages/restore/stored-package.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { collect, cut, failureOf, streamOf } from '../../../../support/streams.ts';
import { sha256 } from '../../../../support/vault-content.ts';
import { emptyRepository, PackageVault, restoreTo, useRegistry } from './package-vault.ts';
import { versionInMemory } from './small-registry.ts';

/** A tar as Unix V7 wrote it: nothing follows the name of the link, no magic and no version. */
function v7Tar(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    const header = Buffer.alloc(512);
    const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, ' ');
    header.write(name, 0);
    header.write(`${octal(0o644, 6)} \0`, 100);
    header.write(`${octal(0, 6)} \0`, 108);
    header.write(`${octal(0, 6)} \0`, 116);
    header.write(`${octal(content.length, 11)} `, 124);
    header.write(`${octal(1_300_000_000, 11)} `, 136);
    header.write(' '.repeat(8), 148);
    header.write(
      `${octal(
        header.reduce((sum, byte) => sum + byte, 0),
        6,
      )}\0 `,
      148,
    );
    return [header, content, Buffer.alloc(-content.length & 511)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const assetOf = (name: string, bytes: Buffer, sizes: readonly number[]): StoredAsset => ({
  name,
  bytes: bytes.length,
  sha256: sha256(bytes),
  read: () => streamOf(...cut(bytes, sizes)),
});

const tar = v7Tar({ 'package/index.js': 'x'.repeat(70_000), 'package/package.json': '{"name":"old"}' });
const junk = Buffer.from('bytes that are not gzip');

const packed: Readonly<Record<string, Buffer>> = {
  'written by a tar from before POSIX': gzipSync(tar),
  'not packed': tar,
  'with other bytes after the gzip': Buffer.concat([gzipSync(tar), junk]),
  'with what looks like gzip after the gzip': Buffer.concat([gzipSync(tar), Buffer.from([0x1f, 0x8b]), junk]),
  'with a line end after the gzip': Buffer.concat([gzipSync(tar), Buffer.from('\n')]),
  'padded with zeros': Buffer.concat([gzipSync(tar), Buffer.alloc(700)]),
  'of several gzip members': Buffer.concat([gzipSync(tar.subarray(0, 1000)), gzipSync(tar.subarray(1000)), junk]),
  'without its end blocks': gzipSync(tar.subarray(0, -1024)),
  'with other bytes after the tar': gzipSync(Buffer.concat([tar, junk])),
};

describe('package archives of old tools', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();

  for (const [what, bytes] of Object.entries(packed))
    it(`a tar ${what} gives its description and the hash of all of its bytes`, async () => {
      for (const sizes of [[bytes.length], [1, 511, 3]]) {
        const isManifest = (name: string): boolean => name === 'package/package.json';
        const { entry, digests } = await readTarEntry(assetOf('package.tgz', bytes, sizes), isManifest, ['sha256']);
        expect(entry?.toString()).to.equal('{"name":"old"}');
        expect(digests.get('sha256')?.toString('hex')).to.equal(sha256(bytes));
      }
    });

  it('a tar that breaks off before what is looked for is refused, and so is one with a damaged header', async () => {
    const damaged = Buffer.from(tar);
    damaged[3]! ^= 1;
    for (const bytes of [gzipSync(tar).subarray(0, 120), gzipSync(tar.subarray(0, 5_000)), gzipSync(damaged)]) {
      const asset = assetOf('package.tgz', bytes, [bytes.length]);
      expect((await failureOf(readTarEntry(asset, () => false, []))).code).to.equal('SourceUnsupported');
    }
  });

  it('damage that shows at the end of an asset is reported though the description was found before', async () => {
    const bytes = packed['not packed']!;
    const asset = assetOf('package.tgz', bytes, [1024]);
    const read = async function* (): AsyncGenerator<Buffer> {
      yield* asset.read();
      throw new HoldfastError('Damaged', 'it is not what was stored');
    };
    const reading = readTarEntry({ ...asset, read }, (name) => name.endsWith('index.js'), []);
    expect((await failureOf(reading)).code).to.equal('Damaged');
  });

  it('an npm package of such a tar is published', async () => {
    const server = registry();
    const repository = emptyRepository(server, 'npm-old');
    const stored = new PackageVault(await folder());
    const bytes = Buffer.concat([
      gzipSync(v7Tar({ 'package/package.json': '{"name":"old","version":"0.0.1"}' })),
      junk,
    ]);
    await stored.version({ format: 'npm', name: 'old', version: '0.0.1', assets: { 'package.tgz': bytes } });
    const { total, results } = await restoreTo(server, 'npm-old', stored.vault);
    expect(total, JSON.stringify(results)).to.deep.include({ restored: 1, failed: 0 });
    const found = server.findVersion(repository, { format: 'npm', package: 'old', version: '0.0.1' })!;
    expect((await found.assets.get('package.tgz')!.hashes())['SHA-256']).to.equal(sha256(bytes));
  });

  it('a source distribution of such a tar gives the form its fields, packed or not', async () => {
    const info = v7Tar({ 'old-1.0/PKG-INFO': 'Metadata-Version: 1.0\nName: old\nVersion: 1.0\nSummary: from 2004\n' });
    const place = { format: 'pypi', namespace: undefined, name: 'old', version: '1.0' } as const;
    for (const [name, bytes] of [
      ['old-1.0.tar.gz', gzipSync(info)],
      ['old-1.0.tar', info],
    ] as const) {
      const version = versionInMemory(place, { [name]: bytes });
      expect(await pythonForm(version, version.assets[0]!)).to.deep.include(['summary', 'from 2004']);
    }
  });

  describe('zips', () => {
    const metadata = 'old-1.0.dist-info/METADATA';

    /** Entries with data descriptors, as they are written to a pipe, and in the form of zip64 where that is asked for. */
    async function zip(forceZip64Format: boolean): Promise<Buffer> {
      const made = new ZipFile();
      made.addReadStream(Readable.from(['x'.repeat(5_000)]), 'old.py', { forceZip64Format });
      made.addReadStream(Readable.from(['Name: old\n']), metadata, { forceZip64Format });
      made.end({ forceZip64Format, comment: '' });
      return collect(made.outputStream as AsyncIterable<Buffer>);
    }

    for (const [what, make] of Object.entries({
      'with data descriptors': () => zip(false),
      'in the form of zip64': () => zip(true),
      'with other bytes after its end': async () => Buffer.concat([await zip(false), junk]),
      'in the form of zip64 with other bytes after its end': async () => Buffer.concat([await zip(true), junk]),
      'with a script before it': async () =>
        Buffer.concat([Buffer.from('#!/bin/sh\nexec python "$0"\n'), await zip(false)]),
      'with a name that leads out of it': async () =>
        Buffer.from((await zip(false)).toString('latin1').replaceAll('old.py', '/ld.py'), 'latin1'),
    }))
      it(`${what} give their description`, async () => {
        const bytes = await make();
        const asset = assetOf('old-1.0-py2-none-any.whl', bytes, [700]);
        const { entry, digests } = await readZipEntry(asset, (name) => name === metadata, ['sha256']);
        expect(entry?.toString()).to.equal('Name: old\n');
        expect(digests.get('sha256')?.toString('hex')).to.equal(sha256(bytes));
      });
  });
});
