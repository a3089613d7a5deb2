import { expect } from 'chai';
import fc from 'fast-check';
import { escapeSegment, unescapeSegment } from '#core/vault/key-escape.ts';
import { failureIn } from '../../../support/streams.ts';
import { anyName, evilNames } from '../../../support/vault-names.ts';

const longest = 200;
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/;

/** What every segment must be, whatever the name. */
function expectSafe(segment: string): void {
  // Only characters that no file system, no shell and no URL makes anything else of, and no capitals.
  expect(segment).to.match(/^[a-z0-9._=-]+$/);
  expect(segment).to.not.match(/^[.-]/);
  expect(segment).to.not.match(/\.$/);
  expect(segment).to.not.match(reserved);
  expect(segment.length).to.be.at.most(longest);
  // So neither a file system that ignores case nor one that normalises Unicode can take two for one.
  expect(segment.toLowerCase().normalize('NFD').normalize('NFC')).to.equal(segment);
}

describe('a segment of a key', () => {
  for (const name of evilNames)
    it(`is safe for ${JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name)} (${name.length})`, () => {
      expectSafe(escapeSegment(name));
    });

  it('is safe for any name', () => {
    fc.assert(
      fc.property(anyName, (name) => expectSafe(escapeSegment(name))),
      { numRuns: 2000 },
    );
  });

  it('is another for each other evil name', () => {
    expect(new Set(evilNames).size).to.equal(evilNames.length);
    expect(new Set(evilNames.map(escapeSegment)).size).to.equal(evilNames.length);
  });

  it('is another for any other name', () => {
    const names = new Map<string, string>();
    fc.assert(
      fc.property(anyName, (name) => {
        const segment = escapeSegment(name);
        expect(names.get(segment) ?? name).to.equal(name);
        names.set(segment, name);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is another for each variant of one name', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const variants = new Set([
          ...[name, name.toLowerCase(), name.toUpperCase(), name.normalize('NFC'), name.normalize('NFD')],
          ...[`${name}.`, `.${name}`, `${name}=`, `=${name}`, ` ${name}`, `${name}\0`],
          ...[encodeURIComponent(name), escapeSegment(name)],
        ]);
        expect(new Set([...variants].map(escapeSegment)).size).to.equal(variants.size);
      }),
      { numRuns: 2000 },
    );
  });

  it('can be turned back into the name unless only its hash is kept', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const segment = escapeSegment(name);
        expect(unescapeSegment(segment)).to.equal(segment.includes('==') ? undefined : name);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps what is harmless readable', () => {
    expect(['website', 'node_modules', 'v1.2.3', 'a-b'].map(escapeSegment)).to.deep.equal([
      ...['website', 'node_modules', 'v1.2.3', 'a-b'],
    ]);
    expect(escapeSegment('MyRepo')).to.equal('=my=repo');
    expect(escapeSegment('@scope/name')).to.equal('=064scope=047name');
    expect(escapeSegment('.github')).to.equal('=046github');
  });

  it('keeps the beginning of a long name readable, and its whole hash', () => {
    expect(escapeSegment('x'.repeat(longest))).to.equal('x'.repeat(longest));
    expect(escapeSegment('x'.repeat(longest + 1))).to.match(/^x{120}==[0-9a-f]{64}$/);
  });

  it('is refused for a name that is not valid Unicode', () => {
    for (const name of ['\ud800', 'a\udc00', '\udc00\ud800', `${'a'.repeat(300)}\ud83d`])
      expect(failureIn(() => escapeSegment(name)).code).to.equal('SourceUnsupported');
  });

  it('is told from text that is no such segment', () => {
    for (const text of [
      '',
      'Foo',
      '=',
      '=x=',
      '=0',
      '=25',
      '=256',
      '=999',
      '=097',
      '=A',
      'a=',
      '==',
      'a b',
      'é',
      '.a',
      '-a',
      'a.',
    ])
      expect(unescapeSegment(text), text).to.equal(text === '=' ? '' : undefined);
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('=', 'a', '0', '1', '2', '.', '-') })),
        (text) => {
          const name = unescapeSegment(text);
          if (name !== undefined) expect(escapeSegment(name)).to.equal(text);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
