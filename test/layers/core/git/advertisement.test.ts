import { expect } from 'chai';
import fc from 'fast-check';
import { join } from 'node:path';
import { readAdvertisement, type Advertisement } from '#core/git/advertisement.ts';
import { LocalTransport } from '#core/git/local-transport.ts';
import { delimiter, flush, pktLine } from '#core/git/pkt-line.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { createRepository, git, refsOf, useTemporaryFolders } from '../../../support/repositories.ts';
import { chunkSizes, collect, cut, failureOf, streamOf } from '../../../support/streams.ts';

const oid = '1'.repeat(40);
const other = '2'.repeat(40);

function read(...lines: (string | Buffer)[]): Promise<Advertisement> {
  return readAdvertisement(streamOf(...lines.map((line) => (Buffer.isBuffer(line) ? line : pktLine(line)))));
}

describe('readAdvertisement', () => {
  const folder = useTemporaryFolders();

  it('reads what git says, and calls every shorter version of it truncated', async () => {
    const path = await createRepository(join(await folder(), 'a.git'), { branches: ['b'], annotatedTags: ['v1'] });
    const { refs, head } = await refsOf(path);
    const transport = new LocalTransport(path);
    for (const version of [0, 2] as const) {
      const said = await collect(await transport.advertisement('git-upload-pack', version));
      // What HTTP puts before it.
      const whole = Buffer.concat([pktLine('# service=git-upload-pack\n'), flush, said]);
      for (let length = 0; length < whole.length; length++) {
        const error = await failureOf(readAdvertisement(streamOf(whole.subarray(0, length))));
        expect(error, `${length} bytes`).to.include({ code: 'Truncated', transient: true });
      }
      for (const bytes of [said, whole]) {
        const advertisement = await readAdvertisement(streamOf(...cut(bytes, [7, 0, 1])));
        expect(advertisement).to.include({ version, objectFormat: 'sha1', shallow: false });
        expect(advertisement.capabilities.has(version === 0 ? 'ofs-delta' : 'fetch')).to.equal(true);
        if (version === 2) continue;
        expect(advertisement.refs).to.deep.equal(refs);
        expect(advertisement.head).to.deep.equal({ type: 'branch', ref: head.symref, oid: head.oid });
        expect([...advertisement.peeled.keys()]).to.deep.equal(['refs/tags/v1']);
      }
    }
  });

  it('fails on arbitrary bytes by errors of its own only', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.string({ maxLength: 60 }).map((text) => pktLine(text)),
      fc.constantFrom(
        flush,
        delimiter,
        pktLine('# service=git-upload-pack\n'),
        pktLine('version 2\n'),
        pktLine(`${oid} HEAD\0symref=HEAD:refs/heads/a object-format=sha1 =\n`),
        pktLine(`${oid} refs/heads/a\n`),
        pktLine('ERR no\n'),
      ),
    );
    return fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), chunkSizes, async (parts, sizes) => {
        await readAdvertisement(streamOf(...cut(Buffer.concat(parts), sizes))).catch((error: unknown) => {
          if (!(error instanceof HoldfastError)) throw error;
        });
      }),
    );
  });

  it('keeps names apart that no repository may hold', async () => {
    const found = await read(`${oid} refs/heads/a\0 agent=x\n`, `${other} refs/heads/../../config\n`, flush);
    expect([...found.refs]).to.deep.equal([['refs/heads/a', oid]]);
    expect(found.invalidNames).to.deep.equal(['refs/heads/../../config']);
  });

  it('keeps names apart that are not UTF-8, instead of storing one under the name of another', async () => {
    const line = (byte: number) => pktLine(Buffer.concat([Buffer.from(`${oid} refs/heads/`), Buffer.of(byte)]));
    const found = await read(`${oid} refs/heads/é\0 agent=x\n`, line(0xe9), line(0xe8), flush);
    expect([...found.refs.keys()]).to.deep.equal(['refs/heads/é', 'refs/heads/\\xe9', 'refs/heads/\\xe8']);
  });

  it('takes a HEAD for detached whose branch the server does not name, or names badly', async () => {
    for (const capability of ['agent=x', 'symref=HEAD:refs/heads/a..b', 'symref=refs/x:refs/heads/a'])
      expect((await read(`${oid} HEAD\0 ${capability}\n`, `${oid} refs/heads/a\n`, flush)).head).to.deep.equal({
        type: 'detached',
        oid,
      });
  });

  it('takes a HEAD for detached whose branch is hidden, so that its commit is not lost', async () => {
    const path = await createRepository(join(await folder(), 'a.git'), { branches: ['shown'] });
    const { head } = await refsOf(path);
    await git(path, 'config', 'uploadpack.hideRefs', 'refs/heads/main');
    const found = await readAdvertisement(await new LocalTransport(path).advertisement('git-upload-pack', 0));
    expect(found.head).to.deep.equal({ type: 'detached', oid: head.oid });
    expect([...found.refs.keys()]).to.deep.equal(['refs/heads/shown']);
  });

  it('gives HEAD the commit of its branch where that moved while the list was made', async () => {
    const lines = [`${oid} HEAD\0 symref=HEAD:refs/heads/a\n`, `${other} refs/heads/a\n`];
    expect((await read(...lines, flush)).head).to.deep.equal({ type: 'branch', ref: 'refs/heads/a', oid: other });
  });

  it('knows an empty repository, a shallow one, and a SHA-256 one', async () => {
    expect((await read(flush)).refs.size).to.equal(0);
    const empty = await read(`${'0'.repeat(64)} capabilities^{}\0object-format=sha256\n`, flush);
    expect(empty.refs.size).to.equal(0);
    expect(empty.objectFormat).to.equal('sha256');
    expect((await read(`${oid} refs/heads/a\0\n`, `shallow ${other}\n`, flush)).shallow).to.equal(true);
  });

  for (const [what, lines] of [
    ['an object format that is unknown', [`${oid} refs/heads/a\0object-format=sha3\n`]],
    ['an object id of another format', [`${oid} refs/heads/a\0object-format=sha256\n`]],
    ['a line that is none', [`${oid} refs/heads/a\0\n`, 'hello\n']],
    ['a line without a name', [`${oid} refs/heads/a\0\n`, `${oid}\n`]],
    ['an error in place of the list', ['ERR go away\n']],
  ] as const)
    it(`refuses ${what}`, async () => {
      const error = await failureOf(read(...lines, flush));
      expect(error.code).to.be.oneOf(['SourceUnsupported', 'ProtocolViolation', 'RemoteRefused']);
      // Damage on the way looks like a violation, and may be gone the next time.
      expect(error.transient).to.equal(error.code === 'ProtocolViolation');
    });
});
