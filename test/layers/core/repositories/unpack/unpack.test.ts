import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { defaultUnpackLimits } from '#core/repositories/unpack/unpack-rules.ts';
import { unpackArchive } from '#core/repositories/unpack/unpack.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { createRepository, git, manyRefs, refsOf, useTemporaryFolders } from '../../../../support/repositories.ts';

type Format = 'tar.gz' | 'zip';
const formats: readonly Format[] = ['tar.gz', 'zip'];
const run = promisify(execFile);

/** One entry of an archive made by hand: nothing keeps a test from making it evil. */
interface Made {
  name: string | Buffer;
  content?: string | Buffer;
  /** Of a tar: its type flag. Default: file, or folder for a name with a slash at its end. */
  flag?: string;
  /** Of a tar: where a link leads. */
  linkName?: string;
  /** Of a tar or zip: the size that is claimed. */
  size?: number;
  /** Of a zip: the Unix mode. Default as with `flag`. */
  mode?: number;
  /** Of a zip: the method of compression; 8 by default. */
  method?: number;
  /** Of a zip: the general purpose bits; names are UTF-8 by default. */
  bits?: number;
  /** Of a zip: the checksum that is claimed. */
  crc?: number;
  /** Of a zip: the size of the compressed bytes that is claimed. */
  packedSize?: number;
}

const isFolder = (name: string | Buffer): boolean => name.toString('latin1').endsWith('/');

function tarEntry({ name, content = '', flag = isFolder(name) ? '5' : '0', linkName = '', size }: Made): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  Buffer.from(name).copy(header, 0, 0, 100);
  header.write('0000644\x000000000\x000000000\x00', 100);
  header.write(`${(size ?? bytes.length).toString(8).padStart(11, '0')}\x0000000000000\x00`, 124);
  header.write(' '.repeat(8), 148);
  header.write(flag, 156);
  header.write(linkName, 157);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\x00 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** Puts a record in front of an entry that overrides what its header says. */
function pax(values: Record<string, string>): Made {
  const lines = Object.entries(values).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    const length = [rest + 1, rest + 2, rest + 3, rest + 4].find((sum) => sum === rest + String(sum).length)!;
    return `${length} ${key}=${value}\n`;
  });
  return { name: 'PaxHeader', content: lines.join(''), flag: 'x' };
}

function makeTar(entries: readonly Made[]): Buffer {
  return gzipSync(Buffer.concat([...entries.map(tarEntry), Buffer.alloc(1024)]));
}

function makeZip(entries: readonly Made[], { count = entries.length } = {}): Buffer {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = 0;
  for (const made of entries) {
    const { method = 8, bits = 0x800, mode = isFolder(made.name) ? 0o40755 : 0o100644 } = made;
    const plain = Buffer.from(made.content ?? '');
    const packed = method === 8 ? deflateRawSync(plain) : plain;
    const name = Buffer.from(made.name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(bits, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(made.crc ?? crc32(plain), 10);
    common.writeUInt32LE(made.packedSize ?? packed.length, 14);
    common.writeUInt32LE(made.size ?? plain.length, 18);
    common.writeUInt16LE(name.length, 22);
    const record = Buffer.alloc(46);
    record.write('PK\x01\x02', 0, 'latin1');
    record.writeUInt16LE((3 << 8) | 63, 4);
    common.copy(record, 6);
    record.writeUInt32LE((mode << 16) >>> 0, 38);
    record.writeUInt32LE(offset, 42);
    records.push(record, name);
    locals.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, packed);
    offset += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** A zip whose directory is said to be at a place of 64 bits (APPNOTE, 4.3.14 and 4.3.15). */
function makeZip64(recordOffset: bigint, directoryOffset: bigint): Buffer {
  const record = Buffer.alloc(56);
  record.write('PK\x06\x06', 0, 'latin1');
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(1n, 24);
  record.writeBigUInt64LE(1n, 32);
  record.writeBigUInt64LE(46n, 40);
  record.writeBigUInt64LE(directoryOffset, 48);
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 0, 'latin1');
  locator.writeBigUInt64LE(recordOffset, 8);
  locator.writeUInt32LE(1, 16);
  const end = Buffer.alloc(22, 0xff);
  end.write('PK\x05\x06\0\0\0\0', 0, 'latin1');
  end.writeUInt16LE(0, 20);
  return Buffer.concat([record, locator, end]);
}

const make: Record<Format, (entries: readonly Made[]) => Buffer> = { 'tar.gz': makeTar, zip: (all) => makeZip(all) };

async function* inPieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Promise.resolve(bytes.subarray(at, at + size));
}

/** Bytes that no compression makes smaller. */
function noise(length: number, seed = 1): Buffer {
  let state = seed;
  return Buffer.from(
    Array.from({ length }, () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24),
  );
}

describe('unpacking an archive', () => {
  const folder = useTemporaryFolders();
  const tmpdir = process.env['TMPDIR'];
  let scratch: string;
  /** Holds the target and a file beside it; whatever else turns up there was written outside. */
  let parent: string;
  let target: string;

  before(async () => (scratch = await folder()));

  beforeEach(async () => {
    parent = await folder();
    target = join(parent, 'inner', 'target');
    await mkdir(join(parent, 'inner'));
    await writeFile(join(parent, 'witness'), 'untouched');
    process.env['TMPDIR'] = scratch;
  });

  afterEach(async () => {
    if (tmpdir === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = tmpdir;
    const left = (await readdir(scratch)).filter((name) => !name.startsWith('holdfast-test-'));
    expect(left, 'left in the temporary folder').to.deep.equal([]);
  });

  const unpack = (archive: Buffer, format: Format, limits = {}): Promise<void> =>
    unpackArchive(inPieces(archive), format, target, { ...defaultUnpackLimits, ...limits });

  /** Every path below a folder, sorted; folders with a slash. */
  async function tree(root: string): Promise<string[]> {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1) + (entry.isDirectory() ? '/' : ''))
      .sort();
  }

  async function expectRefusal(promise: Promise<void>, code: string, words: RegExp): Promise<void> {
    const error: unknown = await promise.then(
      () => new Error('it was unpacked'),
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(HoldfastError);
    expect((error as HoldfastError).message).to.match(words);
    expect((error as HoldfastError).code).to.equal(code);
    expect(await tree(parent)).to.deep.equal(['inner/', 'witness']);
    expect(await readFile(join(parent, 'witness'), 'utf8')).to.equal('untouched');
  }

  describe('that real tools made of a whole mirror', () => {
    let work: string;
    let mirror: string;

    before(async () => {
      work = await folder();
      const source = await createRepository(join(work, 'source.git'), {
        commits: 5,
        branches: ['topic', `long/${'x'.repeat(120)}/name`],
        annotatedTags: ['v1'],
        notes: true,
        pulls: 2,
        files: { 'noise.bin': noise(100_000) },
      });
      await manyRefs(source, 50);
      mirror = join(work, 'app.git');
      await git(work, 'clone', '--quiet', '--mirror', source, mirror);
      // Loose objects and refs, as an older mirror has them, and a hook that must not be run.
      await git(mirror, 'update-ref', `refs/heads/${'y'.repeat(90)}`, 'refs/heads/main');
      await git(mirror, 'hash-object', '-w', '--stdin');
      await mkdir(join(mirror, 'hooks'), { recursive: true });
      await writeFile(join(mirror, 'hooks', 'post-update'), '#!/bin/sh\n');
      await chmod(join(mirror, 'hooks', 'post-update'), 0o755);
    });

    const commands: Record<string, { format: Format; command: string[]; cwd?: () => string }> = {
      'tar czf': { format: 'tar.gz', command: ['tar', 'czf', 'OUT', 'app.git'] },
      'tar czf of the folder itself': { format: 'tar.gz', command: ['tar', 'czf', 'OUT', '-C', 'app.git', '.'] },
      'tar czf by an absolute path': { format: 'tar.gz', command: ['tar', 'czf', 'OUT', 'ABSOLUTE'] },
      'tar of format gnu': { format: 'tar.gz', command: ['tar', '--format=gnu', '-czf', 'OUT', 'app.git'] },
      'tar of format pax': { format: 'tar.gz', command: ['tar', '--format=pax', '-czf', 'OUT', 'app.git'] },
      'tar of format ustar': {
        format: 'tar.gz',
        command: ['tar', '--format=ustar', '-czf', 'OUT', 'app.git'],
      },
      'zip -qr': { format: 'zip', command: ['zip', '-qr', 'OUT', 'app.git'] },
      'zip -yr': { format: 'zip', command: ['zip', '-q', '-yr', 'OUT', 'app.git'] },
      'zip -r0 without folders': { format: 'zip', command: ['zip', '-q', '-r0D', 'OUT', 'app.git'] },
      'zip of the folder itself': { format: 'zip', command: ['zip', '-qr', 'OUT', '.'], cwd: () => mirror },
    };
    for (const [name, { format, command, cwd }] of Object.entries(commands))
      it(`gives a mirror that git takes as its own: ${name}`, async () => {
        const archive = join(await folder(), `archive.${format}`);
        const args = command.map((word) => word.replace('OUT', archive).replace('ABSOLUTE', mirror));
        await run(args[0]!, args.slice(1), { cwd: cwd?.() ?? work });
        await unpackArchive(createReadStream(archive) as AsyncIterable<Buffer>, format, target);
        if (name.includes('without folders')) await mkdir(join(target, 'refs'), { recursive: true });
        expect(await git(target, 'fsck', '--strict', '--no-dangling')).to.equal('');
        expect(await refsOf(target)).to.deep.equal(await refsOf(mirror));
        if (!name.includes('without folders')) expect(await tree(target)).to.deep.equal(await tree(mirror));
        expect((await stat(join(target, 'hooks/post-update'))).mode & 0o111, 'a hook that can be run').to.equal(0);
      });
  });

  for (const format of formats)
    describe(`of format ${format}`, () => {
      it('takes files, folders, and folders that no entry names', async () => {
        await unpack(
          make[format]([
            { name: './' },
            { name: './a/' },
            { name: './a/file', content: 'one' },
            { name: './b/c/file', content: 'two' },
            { name: './b/' },
            { name: './empty', content: '' },
            { name: './größe', content: noise(10_000) },
          ]),
          format,
        );
        expect(await tree(target)).to.deep.equal(['a/', 'a/file', 'b/', 'b/c/', 'b/c/file', 'empty', 'größe']);
        expect(await readFile(join(target, 'b/c/file'), 'utf8')).to.equal('two');
        expect(await readFile(join(target, 'größe'))).to.deep.equal(noise(10_000));
      });

      it('leaves folders away that merely wrap everything, also where one holds something of its own name', async () => {
        const names = ['var/', 'var/a/', 'var/a/a/', 'var/a/a/file', 'var/a/HEAD'];
        await unpack(make[format](names.map((name) => ({ name }))), format);
        expect(await tree(target)).to.deep.equal(['HEAD', 'a/', 'a/file']);
      });

      it('fills a folder that is empty, and makes the folders above one that is missing', async () => {
        const archive = make[format]([{ name: 'file', content: 'x' }]);
        await mkdir(target);
        await unpack(archive, format);
        expect(await tree(target)).to.deep.equal(['file']);
        target = join(parent, 'not/there/yet');
        await unpack(archive, format);
        expect(await tree(target)).to.deep.equal(['file']);
      });

      it('refuses a target that is not empty, and leaves it as it was', async () => {
        const archive = make[format]([{ name: 'file', content: 'x' }]);
        await mkdir(target);
        await writeFile(join(target, 'mine'), '');
        for (const taken of [target, join(target, 'mine')]) {
          const error: unknown = await unpackArchive(inPieces(archive), format, taken).catch((e: unknown) => e);
          expect(error).to.be.instanceOf(HoldfastError).and.to.include({ code: 'TargetNotEmpty' });
        }
        expect(await tree(target)).to.deep.equal(['mine']);
      });

      it('passes on the error of the reader of the archive, and leaves nothing', async () => {
        const archive = make[format]([{ name: 'file', content: noise(50_000) }]);
        async function* failing(): AsyncGenerator<Buffer> {
          yield* inPieces(archive.subarray(0, 30_000));
          throw new HoldfastError('Damaged', 'it does not match the manifest');
        }
        await expectRefusal(unpackArchive(failing(), format, target), 'Damaged', /^it does not match the manifest$/);
        async function* failingLast(): AsyncGenerator<Buffer> {
          yield* inPieces(archive);
          throw new HoldfastError('StorageFailed', 'it does not match the manifest');
        }
        await expectRefusal(unpackArchive(failingLast(), format, target), 'StorageFailed', /^it does not match/);
      });

      it('never succeeds before the check of the archive has seen its end', async () => {
        const archive = make[format]([{ name: 'file', content: noise(5000) }]);
        for (const more of [0, 100, 10_000, 1 << 20]) {
          async function* unproven(): AsyncGenerator<Buffer> {
            yield* inPieces(Buffer.concat([archive, Buffer.alloc(more)]));
            throw new HoldfastError('Damaged', 'it does not match the manifest');
          }
          await expectRefusal(unpackArchive(unproven(), format, target), 'Damaged', /does not match|follows/);
        }
      });

      it('stops reading where an entry is refused', async () => {
        let ended = false;
        async function* endless(): AsyncGenerator<Buffer> {
          try {
            yield gzipSync(tarEntry({ name: '../x' }));
            for (;;) yield Promise.resolve(gzipSync(noise(5000)));
          } finally {
            ended = true;
          }
        }
        if (format === 'tar.gz') await expectRefusal(unpackArchive(endless(), format, target), 'Damaged', /leads out/);
        else
          await expectRefusal(
            unpackArchive(endless(), format, target, { ...defaultUnpackLimits, bytes: 1 << 20 }),
            'TooLarge',
            /larger than 1048576 bytes/,
          );
        expect(ended).to.equal(true);
      });

      const evil: Record<string, [Made[], RegExp]> = {
        'an absolute path': [[{ name: '/tmp/holdfast-evil', content: 'x' }], /absolute/],
        'a path that leads out': [[{ name: '../witness', content: 'x' }], /leads out|relative path/],
        'a path that leads out on its way': [[{ name: 'a/../../../witness', content: 'x' }], /leads out|relative path/],
        'a folder that leads out': [[{ name: 'a/../../x/' }], /leads out|relative path/],
        'a path that leads out behind a dot': [[{ name: './../witness', content: 'x' }], /leads out|relative path/],
        'a backslash': [[{ name: '..\\witness', content: 'x' }], /backslash|invalid characters/],
        'a drive letter': [[{ name: 'C:witness', content: 'x' }], /drive|absolute/],
        'a drive letter and a path': [[{ name: 'c:/witness', content: 'x' }], /drive|absolute/],
        'an empty part': [[{ name: 'a//b', content: 'x' }], /empty part/],
        'a dot as a part': [[{ name: 'a/./b', content: 'x' }], /empty part/],
        'a line break in a name': [[{ name: 'a\nb', content: 'x' }], /control character/],
        'a name that is no text': [[{ name: Buffer.from('caf\xe9', 'latin1'), content: 'x' }], /not valid Unicode/],
        'no name': [[{ name: '', content: 'x' }], /no name/],
        'the same file twice': [
          [
            { name: 'a', content: '1' },
            { name: 'a', content: '2' },
          ],
          /occurs twice/,
        ],
        'the same file under another spelling': [
          [
            { name: 'a', content: '1' },
            { name: './a', content: '2' },
          ],
          /occurs twice/,
        ],
        'the same folder twice': [[{ name: 'a/' }, { name: 'a/' }], /occurs twice/],
        'files that differ by case': [[{ name: 'Head' }, { name: 'HEAD' }], /only by case/],
        'folders that differ by case': [[{ name: 'refs/a' }, { name: 'REFS/b' }], /only by case/],
        'names that differ by Unicode form': [[{ name: 'caf\u00e9' }, { name: 'cafe\u0301' }], /Unicode form/],
        'names that differ by an unusual case': [[{ name: 'straße' }, { name: 'STRASSE' }], /only by case/],
        'a file that is a folder': [
          [
            { name: 'a', content: 'x' },
            { name: 'a/b', content: 'y' },
          ],
          /as a file and as a folder/,
        ],
        'a folder that is a file': [
          [
            { name: 'a/b', content: 'y' },
            { name: 'a', content: 'x' },
          ],
          /as a file and as a folder/,
        ],
        'a folder with content': [[{ name: 'a/', content: 'x' }], /has content itself/],
        'a file in place of the target': [[{ name: '.', content: 'x' }], /has content itself/],
        'a name longer than file systems allow': [
          [pax({ path: 'n'.repeat(256) }), { name: 'n'.repeat(256), content: 'x' }],
          /too long/,
        ],
        'a path longer than systems allow': [
          [pax({ path: 'n/'.repeat(2100) }), { name: 'n/'.repeat(2100) }],
          /too long/,
        ],
      };
      for (const [what, [entries, words]] of Object.entries(evil))
        it(`refuses ${what}`, async () => {
          const harmless = { name: 'harmless', content: 'x' };
          const suitable = format === 'tar.gz' ? entries : entries.filter((entry) => entry.flag === undefined);
          // A zip needs a flag to say that a name is UTF-8; without, every byte is some character.
          await expectRefusal(unpack(make[format]([harmless, ...suitable]), format), 'Damaged', words);
        });

      it('refuses an archive that holds nothing', () =>
        expectRefusal(unpack(make[format]([]), format), 'Damaged', /empty/));

      it('refuses more entries than the limit, and more bytes, before they are written', async () => {
        const archive = make[format](
          Array.from({ length: 11 }, (_, index) => ({ name: `${index}`, content: noise(1000) })),
        );
        await expectRefusal(unpack(archive, format, { entries: 10 }), 'TooLarge', /more than 10 entries/);
        await expectRefusal(unpack(archive, format, { bytes: 10_999 }), 'TooLarge', /10999 bytes/);
        await unpack(archive, format, { entries: 11, bytes: 30_000 });
      });

      it('refuses a bomb by its ratio', async () => {
        const archive = make[format]([{ name: 'zeros', content: Buffer.alloc(20 << 20) }]);
        expect(archive.length).to.be.lessThan(30_000);
        await expectRefusal(unpack(archive, format), 'TooLarge', /more than 200 times/);
        await unpack(archive, format, { ratio: 2000 });
      });

      it('finds an archive that is cut off, wherever it is', async function () {
        const archive = make[format]([
          { name: 'a/' },
          { name: 'a/file', content: noise(600) },
          { name: 'b', content: noise(300, 7) },
        ]);
        for (let length = 0; length < archive.length; length += 7)
          await expectRefusal(unpack(archive.subarray(0, length), format), 'Damaged', /./);
      });

      it('finds bits that were flipped in the content', async () => {
        const entries = [{ name: 'file', content: noise(3000) }];
        const archive = make[format](entries);
        for (const at of [200, 1000, 2000, 2900]) {
          const damaged = Buffer.from(archive);
          damaged[at]! ^= 0x10;
          await expectRefusal(unpack(damaged, format), 'Damaged', /./);
        }
        if (format === 'tar.gz') return;
        const stored = makeZip(entries.map((entry) => ({ ...entry, method: 0 })));
        stored[1000]! ^= 1;
        await expectRefusal(unpack(stored, format), 'Damaged', /checksum/);
      });

      it('fails only by its own errors, and never hangs, whatever the bytes', async function () {
        this.timeout(120_000);
        const valid = make[format]([
          { name: 'a/' },
          { name: 'a/file', content: noise(600) },
          { name: 'b', content: 'some text' },
        ]);
        const inner = format === 'tar.gz' ? gunzipSync(valid) : valid;
        const wrap = (bytes: Buffer): Buffer => (format === 'tar.gz' ? gzipSync(bytes) : bytes);
        const edit = fc.record({ at: fc.nat(), bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }) });
        const edited = (bytes: Buffer, edits: { at: number; bytes: Uint8Array }[]): Buffer => {
          const changed = Buffer.from(bytes);
          for (const { at, bytes: piece } of edits)
            changed.set(piece.subarray(0, changed.length - (at % changed.length)), at % changed.length);
          return changed;
        };
        let runs = 0;
        const arbitrary = fc.oneof(
          fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
          fc.uint8Array({ maxLength: 3000 }).map((bytes) => wrap(Buffer.from(bytes))),
          fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([valid, bytes])),
          fc.array(edit, { maxLength: 4 }).map((edits) => edited(valid, edits)),
          fc.array(edit, { maxLength: 4 }).map((edits) => wrap(edited(inner, edits))),
          fc
            .tuple(fc.array(edit, { maxLength: 2 }), fc.nat(inner.length))
            .map(([edits, length]) => wrap(edited(inner, edits).subarray(0, length))),
        );
        await fc.assert(
          fc.asyncProperty(arbitrary, fc.integer({ min: 1, max: 2000 }), async (bytes, size) => {
            target = join(parent, `target-${(runs += 1)}`);
            const limits = { entries: 100, bytes: 1 << 20, ratio: 100 };
            try {
              await unpackArchive(inPieces(bytes, size), format, target, limits);
            } catch (error) {
              if (!(error instanceof HoldfastError)) throw error;
              expect(await exists(target), 'the target').to.equal(false);
            }
            expect(await readFile(join(parent, 'witness'), 'utf8')).to.equal('untouched');
          }),
          { numRuns: 400, interruptAfterTimeLimit: 8_000 },
        );
      });
    });

  describe('of format tar.gz', () => {
    const evil: Record<string, [Made[], RegExp]> = {
      'a symlink': [
        [
          { name: 'link', flag: '2', linkName: '..' },
          { name: 'link/witness', content: 'x' },
        ],
        /is a symlink/,
      ],
      'a hard link': [[{ name: 'link', flag: '1', linkName: '../witness' }], /is a link/],
      'a character device': [[{ name: 'null', flag: '3' }], /is a character-device/],
      'a block device': [[{ name: 'disk', flag: '4' }], /is a block-device/],
      'a FIFO': [[{ name: 'pipe', flag: '6' }], /is a fifo/],
      'a contiguous file': [[{ name: 'file', flag: '7' }], /is a contiguous-file/],
      'a file with holes, as GNU packs it': [[{ name: 'file', flag: 'S' }], /not supported/],
      'a file with holes, as pax has it': [
        [pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' }), { name: 'GNUSparseFile.0/file', content: 'x' }],
        /sparse/,
      ],
      'a part of another volume': [[{ name: 'file', flag: 'M' }], /not supported/],
      'a path of pax that leads out': [[pax({ path: '../witness' }), { name: 'file', content: 'x' }], /leads out/],
      'a path of pax with a NUL': [[pax({ path: 'a\0b' }), { name: 'file', content: 'x' }], /control character/],
      'a path of GNU that leads out': [
        [
          { name: '././@LongLink', flag: 'L', content: '../witness\0' },
          { name: 'file', content: 'x' },
        ],
        /leads out/,
      ],
      'a size of pax that is none': [[pax({ size: '-5' }), { name: 'file', content: 'x' }], /damaged|size/],
      'a size of pax beyond numbers': [[pax({ size: '9'.repeat(30) }), { name: 'file', content: 'x' }], /size/],
    };
    for (const [what, [entries, words]] of Object.entries(evil))
      it(`refuses ${what}`, () =>
        expectRefusal(unpack(makeTar([{ name: 'harmless', content: 'x' }, ...entries]), 'tar.gz'), 'Damaged', words));

    it('refuses a file that claims more bytes than the limit before it writes any', async () => {
      const archive = gzipSync(tarEntry({ name: 'file', content: 'x', size: 5 * 2 ** 30 }));
      await expectRefusal(unpack(archive, 'tar.gz', { bytes: 2 ** 30 }), 'TooLarge', /more than 1073741824 bytes/);
    });

    it('refuses a bomb that holds no files at all', async () => {
      const header = tarEntry(pax({ comment: 'x'.repeat(1 << 20) }));
      const archive = gzipSync(Buffer.concat(Array.from({ length: 40 }, () => header)));
      await expectRefusal(unpack(archive, 'tar.gz'), 'TooLarge', /more than 200 times/);
      await expectRefusal(unpack(gzipSync(Buffer.alloc(40 << 20)), 'tar.gz'), 'TooLarge', /more than 200 times/);
    });

    it('finds an archive that was cut off before it was compressed, also between two entries', async () => {
      const [first, second] = [
        { name: 'a', content: noise(512) },
        { name: 'b', content: noise(512) },
      ].map(tarEntry);
      const cut = /cut off|Unexpected end/;
      await expectRefusal(unpack(gzipSync(first!), 'tar.gz'), 'Damaged', cut);
      await expectRefusal(
        unpack(gzipSync(Buffer.concat([first!, second!.subarray(0, 700)])), 'tar.gz'),
        'Damaged',
        cut,
      );
    });

    it('finds bytes that follow the compressed ones, and takes one compressed in parts', async () => {
      const archive = makeTar([{ name: 'a', content: noise(600) }]);
      for (const more of [noise(10), noise(10_000), Buffer.from('\x1f\x8b', 'latin1')])
        await expectRefusal(unpack(Buffer.concat([archive, more]), 'tar.gz'), 'Damaged', /damaged/);
      const plain = gunzipSync(archive);
      await unpack(Buffer.concat([gzipSync(plain.subarray(0, 700)), gzipSync(plain.subarray(700))]), 'tar.gz');
      expect(await tree(target)).to.deep.equal(['a']);
    });

    it('takes what an old tar marks as a folder by nothing but a slash', async () => {
      await unpack(makeTar([{ name: 'a/', flag: '\0' }, { name: 'a/b', content: 'x' }, { name: 'c' }]), 'tar.gz');
      expect(await tree(target)).to.deep.equal(['a/', 'a/b', 'c']);
    });
  });

  describe('of format zip', () => {
    const evil: Record<string, [Made[], RegExp]> = {
      'a symlink': [
        [
          { name: 'link', content: '..', mode: 0o120777 },
          { name: 'link/witness', content: 'x' },
        ],
        /is a symlink/,
      ],
      'a device': [[{ name: 'null', mode: 0o020666 }], /is a device/],
      'a FIFO': [[{ name: 'pipe', mode: 0o010644 }], /is a device or other special file/],
      'a folder that looks like a file': [[{ name: 'a', mode: 0o040755 }], /folder that looks like a file/],
      'a file that looks like a folder': [[{ name: 'a/', mode: 0o100644 }], /file that looks like a folder/],
      'a NUL in a name': [[{ name: 'a\0b', content: 'x' }], /control character/],
      encryption: [[{ name: 'a', content: 'x', bits: 0x801 }], /encrypted/],
      'a method of compression that is unknown': [[{ name: 'a', content: 'x', method: 93 }], /compressed in a way/],
      'a wrong checksum': [[{ name: 'a', content: 'x', crc: 1 }], /checksum/],
      'less content than it claims': [[{ name: 'a', content: 'x', size: 2 }], /checksum/],
      'more content than it claims': [[{ name: 'a', content: 'x'.repeat(100_000), size: 1 }], /longer than it claims/],
      'entries that overlap': [
        [
          { name: 'a', content: noise(9000) },
          { name: 'b', content: 'x', packedSize: 8000, size: 10 },
          { name: 'c', content: 'x', packedSize: 8000, size: 10 },
        ],
        /overlap/,
      ],
    };
    for (const [what, [entries, words]] of Object.entries(evil))
      it(`refuses ${what}`, () =>
        expectRefusal(unpack(makeZip([{ name: 'harmless', content: 'x' }, ...entries]), 'zip'), 'Damaged', words));

    it('judges all entries before it writes the first', async () => {
      // Were the first one written, its wrong checksum would be found first.
      const archive = makeZip([
        { name: 'first', content: 'x', crc: 1 },
        { name: '../witness', content: 'x' },
      ]);
      await expectRefusal(unpack(archive, 'zip'), 'Damaged', /relative path/);
    });

    it('refuses a bomb by what it claims, before anything is written', () =>
      expectRefusal(
        unpack(
          makeZip([
            { name: 'first', content: 'x', crc: 1 },
            { name: 'bomb', content: 'x', size: 4_000_000_000 },
          ]),
          'zip',
        ),
        'TooLarge',
        /times/,
      ));

    it('finds a directory that points anywhere but into the archive', async () => {
      for (const offset of [100n, 2n ** 31n, 2n ** 53n + 2n, 2n ** 64n - 1n]) {
        await expectRefusal(unpack(makeZip64(offset, 0n), 'zip'), 'Damaged', /damaged/);
        await expectRefusal(unpack(makeZip64(0n, offset), 'zip'), 'Damaged', /damaged/);
      }
      await expectRefusal(unpack(makeZip([{ name: 'a' }], { count: 5000 }), 'zip'), 'Damaged', /damaged/);
    });

    it('takes an archive that other bytes precede or whose folders nobody marked', async () => {
      const plain = makeZip([
        { name: 'a/', mode: 0 },
        { name: 'a/b', content: 'x', mode: 0 },
        { name: 'c', content: '', method: 0 },
      ]);
      await unpack(plain, 'zip');
      expect(await tree(target)).to.deep.equal(['a/', 'a/b', 'c']);
    });
  });
});

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
