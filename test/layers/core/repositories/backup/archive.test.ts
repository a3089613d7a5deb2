import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { flush, pktLine } from '#core/git/pkt-line.ts';
import type { Transport } from '#core/git/transport.ts';
import { unpackArchive } from '#core/repositories/unpack/unpack.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import type { RepositoryData } from '#core/vault/manifest.ts';
import type { ObjectWriter, Vault } from '#core/vault/storage/vault.ts';
import { Backups, useHttp } from '../../../../support/backups.ts';
import { cutBody, flipByte } from '../../../../support/git-faults.ts';
import { startGitServer, type GitServer } from '../../../../support/git-server.ts';
import { addCommit, createRepository, git, refsOf, useTemporaryFolders } from '../../../../support/repositories.ts';

type Format = Exclude<RepositoryData['format'], 'bundle'>;
const formats: readonly Format[] = ['tar.gz', 'zip'];
const run = promisify(execFile);

/** Of the folders in the temporary folder, those of the code under test. */
const isScratch = (name: string): boolean => /^holdfast-(?!test-)/.test(name);

/** Unpacks as a person would, and gives the repository. */
const unpackers: Record<Format, (archive: string, target: string) => Promise<unknown>> = {
  'tar.gz': (archive, target) => run('tar', ['xzf', archive, '-C', target]),
  zip: (archive, target) => run('unzip', ['-q', archive, '-d', target]),
};

/** Kinds of repositories, each made at a path. */
const kinds: Record<string, (path: string) => Promise<unknown>> = {
  'with branches, tags, notes and pull refs': (path) =>
    createRepository(path, {
      commits: 20,
      branches: ['topic', 'feature/deep/name', 'größe'],
      tags: ['light'],
      annotatedTags: ['v1', 'v2'],
      notes: true,
      pulls: 2,
    }),
  'with a detached HEAD': (path) => createRepository(path, { commits: 3, branches: ['topic'], head: 'detached' }),
  'with a detached HEAD and no refs at all': async (path) => {
    await createRepository(path, { commits: 2, head: 'detached' });
    await git(path, 'update-ref', '-d', 'refs/heads/main');
  },
  'whose HEAD is unborn': (path) => createRepository(path, { branches: ['topic'], head: 'unborn' }),
  'with SHA-256 objects': (path) =>
    createRepository(path, { commits: 3, annotatedTags: ['v1'], objectFormat: 'sha256' }),
};

async function failureOf(promise: Promise<unknown>): Promise<HoldfastError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** A vault whose writer fails: when so many bytes have come, or at the very end. */
function failingVault(vault: Vault, after: number): { vault: Vault; aborted: () => boolean } {
  let aborted = false;
  const failing = (writer: ObjectWriter): ObjectWriter => {
    let bytes = 0;
    return {
      write(chunk) {
        bytes += chunk.length;
        if (bytes > after) return Promise.reject(new HoldfastError('StorageFailed', 'the disk has gone'));
        return writer.write(chunk);
      },
      finish: () =>
        after === Infinity ? Promise.reject(new HoldfastError('StorageFailed', 'the disk has gone')) : writer.finish(),
      abort: () => {
        aborted = true;
        return writer.abort();
      },
    };
  };
  return {
    vault: new Proxy(vault, {
      get(target, name) {
        if (name === 'writer') return (key: string) => failing(target.writer(key));
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
    aborted: () => aborted,
  };
}

/** A pack of one object: a delta upon another that the pack does not hold. */
function packWithGap(): Buffer {
  const delta = Buffer.from([4, 4, 0x90, 4]);
  const object = Buffer.concat([Buffer.from([0x70 | delta.length]), Buffer.alloc(20, 0xab), deflateSync(delta)]);
  const pack = Buffer.concat([Buffer.from('PACK\0\0\0\u0002\0\0\0\u0001', 'latin1'), object]);
  return Buffer.concat([pack, createHash('sha1').update(pack).digest()]);
}

function stubTransport(pack: Buffer): Transport {
  const oid = 'c'.repeat(40);
  async function* answer(...parts: Buffer[]): AsyncGenerator<Buffer> {
    yield Promise.resolve(Buffer.concat(parts));
  }
  return {
    address: 'stub',
    advertisement: () =>
      Promise.resolve(
        answer(pktLine(`${oid} HEAD\0symref=HEAD:refs/heads/main\n`), pktLine(`${oid} refs/heads/main\n`), flush),
      ),
    exchange: () => Promise.resolve(answer(pktLine('NAK\n'), pack)),
    close: () => undefined,
  };
}

describe('an archive', () => {
  const folder = useTemporaryFolders();
  const http = useHttp();
  const servers: GitServer[] = [];
  const tmpdir = process.env['TMPDIR'];
  let root: string;
  /** The system's temporary folder, as the code under test sees it. */
  let scratch: string;
  let ways: Record<string, (name: string) => Transport>;

  before(async () => {
    root = await folder();
    await Promise.all(Object.values(kinds).map((make, index) => make(join(root, `${index}.git`))));
    const server = await startGitServer({ root });
    servers.push(server);
    ways = {
      'over http': (name) => http(`${server.url}/${name}`),
      'from a local path': (name) => new LocalTransport(join(root, name)),
    };
    scratch = await folder();
    process.env['TMPDIR'] = scratch;
  });

  after(() => {
    if (tmpdir === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = tmpdir;
    return Promise.all(servers.map((server) => server.close()));
  });

  afterEach(async () => {
    expect((await readdir(scratch)).filter(isScratch), 'left in the temporary folder').to.deep.equal([]);
    const open = await Promise.all(
      (await readdir('/proc/self/fd').catch(() => [])).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
    );
    expect(
      open.filter((file) => file.startsWith(scratch)),
      'files left open',
    ).to.deep.equal([]);
  });

  /** Everything in the vault except the index entry, which alone means nothing. */
  const objects = async (backups: Backups): Promise<string[]> =>
    (await backups.files()).filter((file) => !file.startsWith('index/'));

  const archiveOf = (backups: Backups, data: readonly { key: string }[]): string => join(backups.folder, data[0]!.key);

  async function expectEqual(repository: string, source: string): Promise<void> {
    expect(await git(repository, 'fsck', '--strict', '--full', '--no-dangling')).to.equal('');
    expect(await refsOf(repository)).to.deep.equal(await refsOf(source));
    const all = ['rev-list', '--objects', '--all', 'HEAD', '--count'];
    if ((await refsOf(source)).head.oid !== undefined)
      expect(await git(repository, ...all)).to.equal(await git(source, ...all));
  }

  for (const format of formats)
    describe(`of format ${format}`, () => {
      for (const way of ['over http', 'from a local path'])
        Object.keys(kinds).forEach((kind, index) =>
          it(`is a mirror that plain tools unpack and git takes as its own: a repository ${kind}, ${way}`, async () => {
            const backups = new Backups(await folder());
            const progress: number[] = [];
            const { manifest, outcome } = await backups.take(ways[way]!(`${index}.git`), {
              options: { format },
              onProgress: (bytes) => progress.push(bytes),
            });
            expect(manifest.kind).to.equal('full');
            expect(manifest.data).to.have.length(1);
            const [data] = manifest.data;
            expect(data!.format).to.equal(format);
            expect(data!.key).to.match(new RegExp(`/[0-9a-f]{8}-mirror\\.${format}$`));
            const archive = archiveOf(backups, manifest.data);
            const content = await readFile(archive);
            expect(data!.bytes).to.equal(content.length).and.to.equal(progress.at(-1));
            expect(data!.sha256).to.equal(createHash('sha256').update(content).digest('hex'));
            expect(outcome).to.include({ outcome: 'stored', bytes: content.length });
            expect(manifest.git?.pack?.objects).to.be.greaterThan(2);

            const unpacked = await folder();
            await unpackers[format](archive, unpacked);
            expect(await readdir(unpacked)).to.deep.equal(['repository.git']);
            await expectEqual(join(unpacked, 'repository.git'), join(root, `${index}.git`));

            const ours = join(await folder(), 'ours');
            await unpackArchive(backups.vault.read(data!.key), format, ours);
            await expectEqual(ours, join(root, `${index}.git`));
          }),
        );

      it('is the same, byte for byte, for the same source, whatever the time zone', async () => {
        const before = process.env['TZ'];
        const digests = new Set<string>();
        try {
          for (const zone of ['UTC', 'Asia/Tokyo', 'America/New_York']) {
            process.env['TZ'] = zone;
            const { manifest } = await new Backups(await folder()).take(ways['from a local path']!('0.git'), {
              options: { format },
            });
            digests.add(manifest.data[0]!.sha256);
          }
        } finally {
          if (before === undefined) delete process.env['TZ'];
          else process.env['TZ'] = before;
        }
        expect(digests.size).to.equal(1);
      });

      it('has nothing of the machine in it: neither times nor owners nor modes', async () => {
        const backups = new Backups(await folder());
        const { manifest } = await backups.take(ways['over http']!('0.git'), { options: { format } });
        const archive = archiveOf(backups, manifest.data);
        const list = format === 'zip' ? ['unzip', '-Z', '-T', archive] : ['tar', '--numeric-owner', '-tvzf', archive];
        const { stdout } = await run(list[0]!, list.slice(1), { env: { ...process.env, TZ: 'UTC' } });
        const lines = stdout.split('\n').filter((line) => /^[-d]/.test(line));
        expect(lines).to.have.length.greaterThan(8);
        const expected =
          format === 'zip'
            ? /^(-rw-r--r--|drwxr-xr-x) +\d\.\d unx +\d+ b[-lx]+ stor 20000101\.000000 (repository\.git\/.*)$/
            : /^(-rw-r--r--|drwxr-xr-x) 0\/0 +\d+ 2000-01-01 00:00 (repository\.git\/.*)$/;
        for (const line of lines) expect(line).to.match(expected);
        const names = lines.map((line) => expected.exec(line)![2]!);
        expect(names)
          .to.deep.equal([...names].sort())
          .and.to.include('repository.git/packed-refs');
      });

      it('is not stored again while nothing changes, and whole again when something does', async () => {
        const source = await createRepository(join(await folder(), 'app.git'), { commits: 2 });
        const backups = new Backups(await folder());
        const transport = new LocalTransport(source);
        await backups.take(transport, { options: { format } });
        const { outcome, manifest } = await backups.take(transport, { options: { format } });
        expect(outcome.outcome).to.equal('unchanged');
        expect(manifest.data).to.deep.equal([]);
        expect((await objects(backups)).filter((file) => file.endsWith(`mirror.${format}`))).to.have.length(1);
        await addCommit(source);
        const next = await backups.take(transport, { options: { format } });
        expect(next.manifest).to.deep.include({ kind: 'full', chain: [] });
        const unpacked = await folder();
        await unpackers[format](archiveOf(backups, next.manifest.data), unpacked);
        await expectEqual(join(unpacked, 'repository.git'), source);
      });

      it('holds only the refs that were selected', async () => {
        const backups = new Backups(await folder());
        const { manifest } = await backups.take(ways['over http']!('0.git'), {
          options: { format, refs: { include: [], exclude: ['refs/pull/*'] } },
        });
        const unpacked = await folder();
        await unpackers[format](archiveOf(backups, manifest.data), unpacked);
        const { refs } = await refsOf(join(unpacked, 'repository.git'));
        expect([...refs.keys()].filter((name) => name.startsWith('refs/pull/'))).to.deep.equal([]);
        expect(refs.get('refs/heads/main')).to.equal((await refsOf(join(root, '0.git'))).refs.get('refs/heads/main'));
      });

      it('is refused for a repository over the limit, which names the format without one', async () => {
        for (const way of Object.values(ways)) {
          const backups = new Backups(await folder());
          const error = await failureOf(backups.take(way('0.git'), { options: { format, archiveLimit: 1000 } }));
          expect(error.code).to.equal('TooLarge');
          expect(error.advice).to.match(/bundle/);
          expect(await objects(backups)).to.deep.equal([]);
        }
      });

      it('leaves nothing behind when the server breaks off or sends damage', async () => {
        for (const [fault, code] of [
          [cutBody({ after: 1000, ending: 'end' }), 'Truncated'],
          [cutBody({ after: 1000, ending: 'reset' }), 'Truncated'],
          [flipByte({ at: 500, within: 'pack' }), 'Corrupt'],
        ] as const) {
          const server = await startGitServer({ root, faults: [fault] });
          servers.push(server);
          const backups = new Backups(await folder());
          const error = await failureOf(backups.take(http(`${server.url}/0.git`), { options: { format } }));
          expect(error).to.include({ code, transient: true });
          expect(fault.hits).to.equal(1);
          expect(await objects(backups)).to.deep.equal([]);
        }
      });

      it('leaves nothing behind when the vault fails, at the start, in the middle or at the end', async () => {
        const source = await createRepository(join(await folder(), 'large.git'), {
          files: { 'noise.bin': randomBytes(2 << 20) },
        });
        const { manifest } = await new Backups(await folder()).take(ways['from a local path']!('0.git'), {
          options: { format },
        });
        const whole = manifest.data[0]!.bytes;
        for (const [repository, after] of [
          [source, 0],
          [source, 100_000],
          [source, Infinity],
          [join(root, '0.git'), whole - 1],
        ] as const) {
          const backups = new Backups(await folder());
          await mkdir(backups.folder, { recursive: true });
          const { vault, aborted } = failingVault(backups.vault, after);
          const error = await failureOf(backups.take(new LocalTransport(repository), { vault, options: { format } }));
          expect(error).to.include({ code: 'StorageFailed', message: 'the disk has gone' });
          expect(aborted()).to.equal(true);
          expect(await objects(backups)).to.deep.equal([]);
        }
      });

      it('is refused where the pack needs objects that it does not hold', async () => {
        const backups = new Backups(await folder());
        const error = await failureOf(backups.take(stubTransport(packWithGap()), { options: { format } }));
        expect(error).to.include({ code: 'Corrupt' });
        expect(error.message).to.match(/^pack-\w+\.pack has 1 objects, of which only 0 can be read without others$/);
        expect(await objects(backups)).to.deep.equal([]);
      });
    });
});
