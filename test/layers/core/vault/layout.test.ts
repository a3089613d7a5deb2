import { expect } from 'chai';
import fc from 'fast-check';
import { escapeSegment } from '#core/vault/key-escape.ts';
import {
  addressOf,
  assetKey,
  claimKey,
  dataKey,
  indexKey,
  indexPrefix,
  isSource,
  itemPrefix,
  manifestKey,
  parseClaimKey,
  parseIndexKey,
  parseSnapshotKey,
  parseVerdictKey,
  removingKey,
  runPrefix,
  verdictKey,
} from '#core/vault/layout.ts';
import { isSnapshotId, snapshotIdOf, timeOf } from '#core/vault/snapshot-id.ts';
import { parseSource, sources } from '#core/sources/table.ts';
import { failureIn } from '../../../support/streams.ts';
import { anyName, evilNames } from '../../../support/vault-names.ts';

const anySource = fc.constantFrom(...sources);
const anyPath = fc.array(anyName, { minLength: 1, maxLength: 8 });
const anyTime = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

const id = '2026-11-20T094512.345Z';

describe('a snapshot id', () => {
  it('names its moment to the millisecond', () => {
    expect(snapshotIdOf(new Date('2026-11-20T09:45:12.345Z'))).to.equal('2026-11-20T094512.345Z');
    fc.assert(
      fc.property(anyTime, (time) => {
        const id = snapshotIdOf(time);
        expect(isSnapshotId(id)).to.equal(true);
        expect(timeOf(id).getTime()).to.equal(time.getTime());
      }),
    );
  });

  it('sorts by time', () => {
    fc.assert(
      fc.property(anyTime, anyTime, (a, b) => {
        expect(snapshotIdOf(a) < snapshotIdOf(b)).to.equal(a.getTime() < b.getTime());
      }),
    );
  });

  it('is told from what is none', () => {
    for (const text of [
      ...['', 'latest', '2026-11-20', '2026-11-20T09:45:12.345Z', '2026-11-20T094512Z', ' 2026-11-20T094512.345Z'],
      ...['2026-11-20t094512.345z', '2026-13-01T000000.000Z', '2026-02-30T000000.000Z', '2026-01-01T240000.000Z'],
      ...['2026-01-01T006000.000Z', '+010000-01-01T000000.000Z', '2026-11-20T094512.345Z\n'],
    ])
      expect(isSnapshotId(text), text).to.equal(false);
  });
});

describe('the place of an item', () => {
  it('is readable', () => {
    expect(itemPrefix('github', ['acme', 'Web-Site'])).to.equal('github/acme/=web-=site/');
    expect(addressOf('github/acme/=web-=site/')).to.equal('github/acme/Web-Site');
  });

  it('is another for any other path, and has at most 700 bytes', () => {
    const paths = new Map<string, string>();
    fc.assert(
      fc.property(anySource, anyPath, (source, path) => {
        const prefix = itemPrefix(source, path);
        const identity = JSON.stringify([source, path]);
        expect(paths.get(prefix) ?? identity).to.equal(identity);
        paths.set(prefix, identity);
        expect(prefix).to.match(/^[a-z]+\/([a-z0-9._=-]+\/)+$/);
        expect(prefix.length).to.be.at.most(700);
      }),
      { numRuns: 10_000 },
    );
  });

  it('is another however names are spread over a path', () => {
    const [whole, ...others] = [
      ['a/b'],
      ['a', 'b'],
      ['a', '', 'b'],
      ['a', 'b', ''],
      ['', 'a', 'b'],
      ['a/', 'b'],
      ['a=047b'],
    ];
    for (const path of others) expect(itemPrefix('git', path)).to.not.equal(itemPrefix('git', whole));
    expect(new Set([whole, ...others].map((path) => itemPrefix('git', path))).size).to.equal(7);
  });

  it('stays within 700 bytes for a path of many long names, and is still another for each', () => {
    const long = Array.from({ length: 8 }, (_, index) => `${'x'.repeat(190)}${index}`);
    expect(itemPrefix('codeartifact', long)).to.match(/^codeartifact\/==[0-9a-f]{64}\/$/);
    expect(itemPrefix('codeartifact', long)).to.not.equal(itemPrefix('codeartifact', long.toReversed()));
    const [first = '', second = '', ...rest] = long;
    const spreadOtherwise = itemPrefix('codeartifact', [`${first}/${second}`, ...rest]);
    expect(spreadOtherwise).to.match(/^codeartifact\/==/);
    expect(itemPrefix('codeartifact', long)).to.not.equal(spreadOtherwise);
  });

  it('has an address that names the path, where its names are kept', () => {
    fc.assert(
      fc.property(anySource, anyPath, (source, path) => {
        const prefix = itemPrefix(source, path);
        expect(addressOf(prefix)).to.equal(prefix.includes('==') ? prefix.slice(0, -1) : [source, ...path].join('/'));
      }),
    );
  });

  it('cannot be made of nothing', () => {
    expect(() => itemPrefix('git', [])).to.throw(RangeError);
  });
});

describe('the keys of a snapshot', () => {
  it('are taken apart into what they were made of', () => {
    fc.assert(
      fc.property(anySource, anyPath, anyTime, (source, path, time) => {
        const item = itemPrefix(source, path);
        const snapshot = snapshotIdOf(time);
        for (const [key, name] of [
          [manifestKey(item, snapshot), 'manifest.json'],
          [dataKey(item, snapshot, '1a2b', 'repository.bundle'), '1a2b-repository.bundle'],
        ] as const)
          expect(parseSnapshotKey(key)).to.deep.equal({ item, snapshot, name });
      }),
    );
  });

  it('belong to one item only, also where one is named after a snapshot, a manifest, or the other folders', () => {
    const names = [
      'a',
      'index',
      'runs',
      'git',
      'manifest.json',
      id,
      id.toLowerCase(),
      '1a2b-repository.bundle',
      ...evilNames,
    ];
    const paths = names.flatMap((name) => [['a', name], [name], [name, 'a'], ['a', id, name]]);
    const items = new Set(paths.map((path) => itemPrefix('git', path)));
    const keys = [...items].map((item) => manifestKey(item, id));
    expect(new Set(keys).size).to.equal(items.size);
    for (const key of keys) {
      expect(items).to.include(parseSnapshotKey(key)!.item);
      expect(manifestKey(parseSnapshotKey(key)!.item, id)).to.equal(key);
      expect(key).to.match(/^git\//);
    }
  });

  it('are not mistaken for those of an item whose path goes on with a snapshot id', () => {
    const inner = itemPrefix('git', ['host', 'a', id]);
    expect(parseSnapshotKey(`${inner}manifest.json`)).to.equal(undefined);
    expect(inner).to.not.include(id);
  });

  it('are told from all other keys', () => {
    for (const key of [
      ...[
        '',
        'github',
        'github/a',
        `github/${id}/manifest.json`,
        'github/a/b/manifest.json',
        `Other/a/${id}/manifest.json`,
      ],
      ...[
        `index/github/1/acme/${id}`,
        `runs/github/${id}/report.json`,
        `github/a/${id}/deeper/manifest.json`,
        `/github/a/${id}/x`,
      ],
    ])
      expect(parseSnapshotKey(key), key).to.equal(undefined);
  });

  it('fit into the 1,024 bytes of S3 with the longest prefix of a vault', () => {
    const item = `${'x'.repeat(699)}/`;
    for (const key of [
      manifestKey(item, id),
      dataKey(item, id, '0123456789abcdef', 'repository.bundle'),
      verdictKey(item, id, 'damaged'),
      removingKey(item, id),
      assetKey(item, id, '01234567', 'N'.repeat(300)),
      claimKey(item, id, 'f'.repeat(64)),
    ])
      expect(`${'p'.repeat(100)}/${key}`.length).to.be.at.most(1024);
  });
});

describe('the key of a verdict', () => {
  it('is that of no snapshot, and is taken apart into what it was made of', () => {
    fc.assert(
      fc.property(anySource, anyPath, anyTime, (source, path, time) => {
        const item = itemPrefix(source, path);
        const key = verdictKey(item, snapshotIdOf(time), 'damaged');
        expect(parseSnapshotKey(key)).to.equal(undefined);
        expect(parseVerdictKey(key)).to.deep.equal({ snapshot: `${item}${snapshotIdOf(time)}/`, verdict: 'damaged' });
      }),
    );
  });
});

describe('the key of an asset', () => {
  const item = 'codeartifact/a/';

  it('is readable, and another one for every name however long', () => {
    expect(assetKey(item, id, 'ab', 'tool-1.0.jar')).to.equal(`${item}${id}/ab-tool-1.0.jar`);
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string({ maxLength: 200 }), (one, other) => {
        expect(assetKey(item, id, 'ab', one) === assetKey(item, id, 'ab', other)).to.equal(one === other);
        expect(parseSnapshotKey(assetKey(item, id, 'ab', one))).to.include({ item, snapshot: id });
      }),
    );
  });
});

describe('the claim to a snapshot', () => {
  const item = itemPrefix('codeartifact', ['a', 'b']);
  const state = 'f'.repeat(32);

  it('is taken apart into what it was made of', () => {
    for (const after of [undefined, id])
      expect(parseClaimKey(claimKey(item, after, state))).to.deep.equal({ item, after, state });
  });

  it('is told from all other keys', () => {
    for (const key of [manifestKey(item, id), `${item}claim-first-.json`, `${item}claim-soon-ff.json`, `${item}claim`])
      expect(parseClaimKey(key), key).to.equal(undefined);
    expect(parseSnapshotKey(claimKey(item, id, state))).to.equal(undefined);
  });
});

describe('the index of items by id', () => {
  it('is taken apart into what it was made of', () => {
    fc.assert(
      fc.property(anySource, anyName, anyPath, (source, id, path) => {
        const item = itemPrefix(source, path);
        const key = indexKey(source, id, item);
        expect(key.startsWith(indexPrefix(source, id))).to.equal(true);
        expect(parseIndexKey(key)).to.deep.equal({ id: escapeSegment(id), item });
      }),
    );
  });

  it('keeps one id from being the beginning of another', () => {
    expect(indexKey('github', '12', 'github/a/b/').startsWith(indexPrefix('github', '1'))).to.equal(false);
  });

  it('is told from all other keys', () => {
    for (const key of ['', 'index', 'index/github', 'index/github/1', 'index/Other/1/a', 'github/index/1/a'])
      expect(parseIndexKey(key), key).to.equal(undefined);
  });

  it('fits into the 1,024 bytes of S3 with the longest prefix of a vault', () => {
    for (const source of sources) {
      const item = `${source}/`.padEnd(699, 'x').concat('/');
      expect(`${'p'.repeat(100)}/${indexKey(source, 'i'.repeat(200), item)}`.length).to.be.at.most(1024);
    }
  });
});

describe('the names of sources', () => {
  it('cannot be those of the other folders of a vault', () => {
    for (const folder of ['checks', 'doctor', 'drills', 'index', 'removed', 'removing', 'runs']) {
      expect(isSource(folder), folder).to.equal(false);
      expect(parseSnapshotKey(`${folder}/github/acme/2026-11-20T094512.345Z/report.json`), folder).to.equal(undefined);
    }
    for (const source of sources) expect(isSource(source), source).to.equal(true);
    expect(runPrefix('github', '2026-11-20T094512.345Z')).to.equal('runs/github/2026-11-20T094512.345Z/');
  });

  it('are recognised', () => {
    for (const source of sources) expect(parseSource(source)).to.equal(source);
    expect(failureIn(() => parseSource('svn')).code).to.equal('Usage');
  });
});
