import { expect } from 'chai';
import fc from 'fast-check';
import { bundleHeader, openBundle, parseBundleHeader } from '#core/git/bundle.ts';
import { hashBytes, type ObjectFormat } from '#core/git/object-format.ts';
import { isRefName, type Head } from '#core/git/refs.ts';
import { hasCode } from '#core/runtime/errors.ts';
import { chunkSizes, collect, cut, failureIn, failureOf, streamOf } from '../../../support/streams.ts';

const digits = (count: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: count, maxLength: count });
const refName = fc
  .array(
    fc.string({ unit: fc.constantFrom('a', 'B', '-', '.', 'é', '日', '+', '#', '='), minLength: 1, maxLength: 8 }),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => `refs/heads/${parts.join('/')}`)
  .filter(isRefName);

/** All that a header says, as a server may have advertised it. */
const content = fc.constantFrom<ObjectFormat[]>('sha1', 'sha256').chain((objectFormat) => {
  const oid = digits(hashBytes(objectFormat) * 2);
  return fc
    .record({
      objectFormat: fc.constant(objectFormat),
      refs: fc.dictionary(refName, oid, { maxKeys: 8 }).map((refs) => new Map(Object.entries(refs))),
      prerequisites: fc.uniqueArray(oid, { maxLength: 4 }),
      oid,
      pack: fc.uint8Array({ maxLength: 100 }),
    })
    .chain((known) => fc.record({ ...mapConstants(known), head: headOf([...known.refs], known.oid) }));
});

function mapConstants<T extends object>(values: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  const entries = Object.entries(values).map(([key, value]) => [key, fc.constant(value as unknown)]);
  return Object.fromEntries(entries) as { [K in keyof T]: fc.Arbitrary<T[K]> };
}

function headOf(refs: [string, string][], oid: string): fc.Arbitrary<Head> {
  const branches = refs.map(([ref, at]): Head => ({ type: 'branch', ref, oid: at }));
  return fc.constantFrom<Head[]>(
    { type: 'detached', oid },
    { type: 'unborn', ref: 'refs/heads/x' },
    { type: 'absent' },
    ...branches,
  );
}

describe('bundle header', () => {
  it('says the same when it is read again, and leaves the pack as it was, however the bundle is cut', () =>
    fc.assert(
      fc.asyncProperty(content, chunkSizes, async ({ objectFormat, refs, prerequisites, head, pack }, sizes) => {
        const written = bundleHeader(objectFormat, refs, head, prerequisites);
        const opened = await openBundle(streamOf(...cut(Buffer.concat([written, pack]), sizes)));
        expect(opened.headerBytes).to.equal(written.length);
        expect(opened.header).to.deep.equal({
          objectFormat,
          prerequisites,
          refs,
          headOid: head.type === 'branch' || head.type === 'detached' ? head.oid : undefined,
        });
        expect(await collect(opened.pack)).to.deep.equal(Buffer.from(pack));
      }),
    ));

  it('ends at an empty line that lies across chunks, empty ones among them', async () => {
    const written = bundleHeader('sha1', new Map([['refs/heads/a', '1'.repeat(40)]]), { type: 'absent' }, []);
    for (const sizes of [[1], [1, 0], [0, 0, 1], [written.length - 1, 0, 1], [written.length - 1]]) {
      const opened = await openBundle(streamOf(...cut(Buffer.concat([written, Buffer.from('PACK')]), sizes)));
      expect(opened.headerBytes).to.equal(written.length);
      expect((await collect(opened.pack)).toString()).to.equal('PACK');
    }
  });

  it('names the branch of HEAD last, whatever the order of the refs', () =>
    fc.assert(
      fc.property(content, ({ objectFormat, refs, head }) => {
        if (head.type !== 'branch') return;
        const lines = bundleHeader(objectFormat, refs, head, []).toString().split('\n');
        expect(lines.at(-3)).to.equal(`${head.oid} ${head.ref}`);
        expect(lines.filter((line) => line.endsWith(` ${head.ref}`))).to.have.length(1);
      }),
    ));

  it('names no HEAD whose branch was left out, since the pack may not hold its commit', () => {
    const refs = new Map([['refs/heads/kept', '1'.repeat(40)]]);
    const header = bundleHeader('sha1', refs, { type: 'branch', ref: 'refs/heads/left', oid: '2'.repeat(40) }, []);
    expect(parseBundleHeader(header)).to.deep.include({ refs, headOid: undefined });
  });

  it('gives HEAD the commit of its branch where the two were listed a moment apart', () => {
    const refs = new Map([['refs/heads/main', '1'.repeat(40)]]);
    const header = bundleHeader('sha1', refs, { type: 'branch', ref: 'refs/heads/main', oid: '2'.repeat(40) }, []);
    expect(parseBundleHeader(header).headOid).to.equal('1'.repeat(40));
  });

  it('fails on a header that was cut short anywhere', async () => {
    const refs = new Map([['refs/heads/main', '1'.repeat(40)]]);
    const whole = bundleHeader('sha1', refs, { type: 'absent' }, ['2'.repeat(40)]);
    for (let length = 0; length < whole.length; length++) {
      const error = await failureOf(openBundle(streamOf(whole.subarray(0, length))));
      expect(error.code, `${length} bytes`).to.equal('Corrupt');
    }
  });

  it('fails on arbitrary bytes by errors of its own only', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 40 }),
            fc
              .constantFrom(
                '# v2 git bundle\n',
                '# v3 git bundle\n',
                '\n',
                '\n\n',
                '@object-format=sha256\n',
                '-',
                `${'1'.repeat(40)} refs/heads/a`,
              )
              .map((text) => Buffer.from(text)),
          ),
        ),
        chunkSizes,
        async (parts, sizes) => {
          const read = async () => collect((await openBundle(streamOf(...cut(Buffer.concat(parts), sizes)))).pack);
          await read().catch((error: unknown) => {
            if (!hasCode(error, 'Corrupt')) throw error;
          });
        },
      ),
    ));

  const line = `${'1'.repeat(40)} refs/heads/main`;
  for (const [what, header] of [
    ['a signature of another version', `# v4 git bundle\n${line}\n\n`],
    ['a capability in version 2', `# v2 git bundle\n@object-format=sha1\n${line}\n\n`],
    ['a filter, which would leave objects out', `# v3 git bundle\n@object-format=sha1\n@filter=blob:none\n${line}\n\n`],
    ['an object id of the other format', `# v3 git bundle\n@object-format=sha256\n${line}\n\n`],
    ['a ref name that leaves its folder', `# v2 git bundle\n${'1'.repeat(40)} refs/heads/../../config\n\n`],
    ['a ref name in a control character', `# v2 git bundle\n${'1'.repeat(40)} refs/heads/\u001b[2J\n\n`],
    ['a line without a name', `# v2 git bundle\n${'1'.repeat(40)}\n\n`],
  ] as const)
    it(`refuses ${what}`, () => {
      expect(failureIn(() => parseBundleHeader(Buffer.from(header))).code).to.equal('Corrupt');
    });

  it('reads and writes a ref name that is not UTF-8 byte by byte', () => {
    const header = Buffer.from(`# v2 git bundle\n${'1'.repeat(40)} refs/heads/caf\u00e9\n\n`, 'latin1');
    const { refs } = parseBundleHeader(header);
    expect([...refs.keys()]).to.deep.equal(['refs/heads/caf\\xe9']);
    expect(bundleHeader('sha1', refs, { type: 'absent' }, [])).to.deep.equal(header);
  });

  it('gives up on what is no bundle without reading it all', async () => {
    let read = 0;
    const endless = async function* (): AsyncGenerator<Buffer> {
      for (;;) {
        await Promise.resolve();
        read += 1000;
        yield Buffer.alloc(1000, 'x');
      }
    };
    expect((await failureOf(openBundle(endless()))).code).to.equal('Corrupt');
    expect(read).to.be.lessThan(10_000);
  });

  for (const [when, use] of [
    ['the header is bad', (source: AsyncIterable<Buffer>) => openBundle(source).catch(() => undefined)],
    [
      'only the header was wanted',
      async (source: AsyncIterable<Buffer>) => (await openBundle(source)).pack.return(undefined),
    ],
    [
      'the pack was left in the middle',
      async (source: AsyncIterable<Buffer>) => {
        for await (const _ of (await openBundle(source)).pack) return;
      },
    ],
  ] as const)
    it(`frees its source when ${when}`, async () => {
      let freed = false;
      const source = async function* (): AsyncGenerator<Buffer> {
        try {
          await Promise.resolve();
          yield Buffer.from(when === 'the header is bad' ? '# v2 git bundle\nnonsense\n\n' : '# v2 git bundle\n\nPACK');
          yield Buffer.from('more');
        } finally {
          freed = true;
        }
      };
      await use(source());
      expect(freed).to.equal(true);
    });
});
