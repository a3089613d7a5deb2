import { expect } from 'chai';
import fc from 'fast-check';
import { readManifest, writeManifest, type Manifest } from '#core/vault/manifest.ts';
import { referenceTo } from '#core/vault/reference.ts';
import { completed, shortened } from '#core/vault/short-manifest.ts';
import { anyManifest, exampleManifest, keyOf } from '../../../support/vault-manifests.ts';

/** The unchanged snapshot after another, as it is written in full. */
function unchangedAfter(parent: Manifest, changes: Partial<Manifest> = {}): Manifest {
  const { git, metadata, omitted, item, tool } = parent;
  return {
    format: 1,
    item,
    snapshot: '2026-11-21T094512.345Z',
    kind: 'unchanged',
    parent: referenceTo({ manifest: parent, digest: writeManifest(parent).digest }),
    chain: [...parent.chain, ...parent.data],
    ...(git && { git: { objectFormat: git.objectFormat, head: git.head, refsDigest: git.refsDigest } }),
    ...(metadata && { metadata }),
    data: [],
    omitted,
    warnings: [],
    tool,
    started: '2026-11-21T09:45:12.345Z',
    finished: '2026-11-21T09:45:13.000Z',
    ...changes,
  };
}

/** Without what only the whole form says: who wrote it, and when it began and ended. */
function content({ format: _, tool: _tool, started: _started, finished: _finished, ...rest }: Manifest): object {
  return JSON.parse(JSON.stringify(rest)) as object;
}

describe('the manifest of an unchanged snapshot', () => {
  const example = exampleManifest();

  it('takes at most 500 bytes, however long the chain and the list of what was left out', () => {
    const [link] = example.chain;
    const chain = Array.from({ length: 200 }, () => link!);
    const omitted = Array.from({ length: 20 }, (_, index) => ({ what: `refs/pull/${index}/head`, why: 'left out' }));
    const parent = { ...example, chain, omitted, metadata: { description: 'text '.repeat(100) } };
    const { text } = writeManifest(shortened(unchangedAfter(parent), parent));
    expect(Buffer.byteLength(text)).to.be.at.most(500);
  });

  it('means, with its parent, what the whole form says, whatever both say', () => {
    fc.assert(
      fc.property(anyManifest, anyManifest, fc.boolean(), (parent, other, alike) => {
        const whole = unchangedAfter(parent, alike ? {} : { ...other, kind: 'unchanged', data: [] });
        const stored = shortened(whole, parent);
        const read = readManifest(Buffer.from(writeManifest(stored).text), keyOf(stored)).manifest;
        expect(content(completed(read, parent))).to.deep.equal(content(whole));
        expect(stored.format).to.equal(alike ? 2 : stored.format);
      }),
      { numRuns: 300 },
    );
  });

  for (const [what, changes] of Object.entries<Partial<Manifest>>({
    'a HEAD elsewhere': { git: { ...unchangedAfter(example).git!, head: { type: 'absent' } } },
    'something else left out': { omitted: [] },
    'another chain': { chain: [] },
  }))
    it(`stays whole with ${what}`, () => {
      const whole = unchangedAfter(example, changes);
      expect(shortened(whole, example)).to.equal(whole);
    });

  it('says itself what is its own: warnings, and what its source says of it now', () => {
    const parent = { ...example, metadata: { description: 'before' } };
    const own = { warnings: ['renamed'], metadata: { description: 'now' }, hints: { large: true } } as const;
    const stored = shortened(unchangedAfter(parent, { ...own, warnings: [...own.warnings] }), parent);
    expect(stored).to.deep.include({ format: 2, ...own });
    expect(completed(stored, parent)).to.deep.include(own);
  });

  it('stays whole where its source said nothing of it this time', () => {
    const parent = { ...example, metadata: { description: 'before' } };
    const { metadata: _, ...whole } = unchangedAfter(parent);
    expect(shortened(whole, parent)).to.equal(whole);
  });
});
