import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { readManifest, writeManifest, type Manifest } from '#core/vault/manifest.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { failureIn } from '../../../support/streams.ts';
import { anyManifest, exampleManifest, hexOf, keyOf, sealed } from '../../../support/vault-manifests.ts';

const example = exampleManifest();
const exampleKey = keyOf(example);
const { text: exampleText, digest: exampleDigest } = writeManifest(example);
const exampleBytes = Buffer.from(exampleText);

function expectDamaged(bytes: Buffer, key = exampleKey): void {
  expect(failureIn(() => readManifest(bytes, key)).code).to.equal('Damaged');
}

describe('a manifest', () => {
  const temporaryFolder = useTemporaryFolders();

  it('is read as it was written', () => {
    expect(readManifest(exampleBytes, exampleKey)).to.deep.equal({ manifest: example, digest: exampleDigest });
  });

  it('is read as it was written, whatever it says', () => {
    fc.assert(
      fc.property(anyManifest, (manifest) => {
        const { text, digest } = writeManifest(manifest);
        expect(readManifest(Buffer.from(text), keyOf(manifest))).to.deep.equal({ manifest, digest });
      }),
      { numRuns: 300 },
    );
  });

  it('has the digest that head and sha256sum find', async () => {
    const folder = await temporaryFolder();
    await writeFile(path.join(folder, 'manifest.json'), exampleBytes);
    const shell = (line: string): string => execFileSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8' });
    expect(shell('head -n -2 manifest.json | sha256sum')).to.equal(`${exampleDigest}  -\n`);
    expect(shell('tail -n 2 manifest.json')).to.equal(`  "digest": "${exampleDigest}"\n}\n`);
    expect(JSON.parse(exampleText)).to.deep.equal({ ...example, digest: exampleDigest });
  });

  it('is refused with any single bit flipped', () => {
    const bytes = Buffer.from(exampleBytes);
    for (let at = 0; at < bytes.length; at++)
      for (let bit = 1; bit < 256; bit <<= 1) {
        bytes[at]! ^= bit;
        if (!isDamaged(bytes)) throw new Error(`bit ${bit} of byte ${at} was flipped unnoticed`);
        bytes[at]! ^= bit;
      }
    expect(bytes.equals(exampleBytes)).to.equal(true);
  });

  it('is refused when it is cut anywhere', () => {
    for (let length = 0; length < exampleBytes.length; length++)
      if (!isDamaged(exampleBytes.subarray(0, length))) throw new Error(`cut unnoticed to ${length} bytes`);
    for (let from = 1; from < exampleBytes.length; from++)
      if (!isDamaged(exampleBytes.subarray(from))) throw new Error(`${from} bytes are missing unnoticed`);
  });

  it('is refused when anything is put before or behind it', () => {
    for (const more of ['\n', ' ', '\0', '}', '\ufeff', exampleText]) {
      expectDamaged(Buffer.from(exampleText + more));
      expectDamaged(Buffer.from(more + exampleText));
    }
  });

  it('is refused with a line left out, doubled, or put in another place', () => {
    const lines = exampleText.split('\n');
    for (let at = 0; at < lines.length - 1; at++) {
      expectDamaged(Buffer.from(lines.toSpliced(at, 1).join('\n')));
      expectDamaged(Buffer.from(lines.toSpliced(at, 0, lines[at]!).join('\n')));
    }
    for (let at = 0; at < lines.length - 2; at++)
      expectDamaged(Buffer.from(lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!).join('\n')));
  });

  it('is refused under the key of another item or another snapshot', () => {
    for (const other of [
      exampleManifest({ path: ['acme', 'website'] }),
      exampleManifest({ path: ['acme/Website'] }),
      exampleManifest({ path: ['acme', 'Website', 'docs'] }),
      exampleManifest({ snapshot: '2026-11-20T094512.346Z' }),
    ])
      expectDamaged(exampleBytes, keyOf(other));
    expectDamaged(exampleBytes, `${exampleKey}x`);
    expectDamaged(exampleBytes, exampleKey.replace('github', 'codecommit'));
  });

  it('is refused when it claims data of another snapshot', () => {
    const others = exampleManifest({ snapshot: '2026-01-01T000000.000Z' }).data;
    expectDamaged(Buffer.from(writeManifest({ ...example, data: others }).text));
  });

  for (const [what, change] of Object.entries<(manifest: Record<string, unknown>) => unknown>({
    'another format': (manifest) => (manifest['format'] = 3),
    'an unknown kind': (manifest) => (manifest['kind'] = 'partial'),
    'an unknown property': (manifest) => (manifest['extra'] = true),
    'no item': (manifest) => Reflect.deleteProperty(manifest, 'item'),
    'no data': (manifest) => Reflect.deleteProperty(manifest, 'data'),
    'no path': (manifest) => (manifest['item'] = { ...example.item, path: [] }),
    'a path that cannot be a key': (manifest) => (manifest['item'] = { ...example.item, path: ['\ud800'] }),
    'a snapshot that is no moment': (manifest) => (manifest['snapshot'] = '2026-02-30T000000.000Z'),
    'a size below zero': (manifest) => (manifest['data'] = [{ ...example.data[0], bytes: -1 }]),
    'a size that is no whole number': (manifest) => (manifest['data'] = [{ ...example.data[0], bytes: 1.5 }]),
    'a short hash': (manifest) => (manifest['data'] = [{ ...example.data[0], sha256: 'abc' }]),
    'a ref that breaks out of its line': (manifest) =>
      (manifest['git'] = { ...example.git, refs: { 'refs/heads/a\nb': hexOf('a', 40) } }),
    'a ref outside refs/': (manifest) => (manifest['git'] = { ...example.git, refs: { HEAD: hexOf('a', 40) } }),
    'an object id of no known length': (manifest) => (manifest['git'] = { ...example.git, refs: { 'refs/a': 'abc' } }),
  }))
    it(`is refused with ${what}, though its digest is right`, () => {
      const changed = structuredClone<object>(example) as Record<string, unknown>;
      change(changed);
      expectDamaged(Buffer.from(writeManifest(changed as unknown as Manifest).text));
    });

  it('says where it is damaged, and how to go on', () => {
    const error = failureIn(() => readManifest(Buffer.from('{}'), exampleKey));
    expect(error.message).to.include(exampleKey);
    expect(error.advice).to.be.a('string');
  });

  it('is refused, and nothing worse, whatever bytes are there instead', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => expectDamaged(Buffer.from(bytes))),
      { numRuns: 500 },
    );
  });

  it('is refused, and nothing worse, whatever bytes stand under a digest that is right', () => {
    const nested = '{"a":'.repeat(50_000);
    for (const text of [
      '',
      '{',
      '{}',
      '[',
      'null',
      '{"__proto__":{"format":1}',
      '{"format":1e999',
      nested,
      '['.repeat(100_000),
    ])
      expectDamaged(sealed(text));
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => expectDamaged(sealed(text))),
      { numRuns: 500 },
    );
  });
});

function isDamaged(bytes: Buffer): boolean {
  try {
    return failureIn(() => readManifest(bytes, exampleKey)).code === 'Damaged';
  } catch {
    return false;
  }
}
