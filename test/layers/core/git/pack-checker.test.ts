import { expect } from 'chai';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { emptyPack } from '#core/git/empty-pack.ts';
import { hashBytes, type ObjectFormat } from '#core/git/object-format.ts';
import { PackChecker, type PackInfo } from '#core/git/pack-checker.ts';
import { chunkSizes, cut, failureIn } from '../../../support/streams.ts';

const format = fc.constantFrom<ObjectFormat[]>('sha1', 'sha256');
const body = fc.uint8Array({ maxLength: 300 });

/** What passes for a pack as long as its objects are not looked at. */
function packOf(objects: number, content: Uint8Array, objectFormat: ObjectFormat): Buffer {
  const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  header.writeUInt32BE(objects, 8);
  const covered = Buffer.concat([header, content]);
  return Buffer.concat([covered, createHash(objectFormat).update(covered).digest()]);
}

function check(chunks: readonly Buffer[], objectFormat: ObjectFormat): PackInfo {
  const checker = new PackChecker(objectFormat);
  for (const chunk of chunks) {
    checker.update(chunk);
    // The bytes are only lent: the sender fills the same memory again.
    chunk.fill(0);
  }
  return checker.finish();
}

describe('PackChecker', () => {
  it('finds the objects, the hash and the length of a pack, however it is cut', () =>
    fc.assert(
      fc.property(format, fc.nat(), body, chunkSizes, (objectFormat, number, content, sizes) => {
        const most = Math.floor(content.length / 9);
        const objects = content.length === 0 ? 0 : Math.min(most, 1 + (number % (most + 1)));
        fc.pre(objects > 0 || content.length === 0);
        const pack = packOf(objects, content, objectFormat);
        const hash = pack.subarray(-hashBytes(objectFormat)).toString('hex');
        expect(check(cut(pack, sizes), objectFormat)).to.deep.equal({ objects, hash, bytes: pack.length });
      }),
    ));

  it('refuses a count of objects that its bytes cannot hold', () =>
    fc.assert(
      fc.property(format, fc.integer({ min: 0, max: 0xffff_ffff }), body, (objectFormat, objects, content) => {
        fc.pre(objects === 0 ? content.length > 0 : objects * 9 > content.length);
        const error = failureIn(() => check([packOf(objects, content, objectFormat)], objectFormat));
        expect(error).to.include({ code: 'Corrupt', transient: true });
      }),
    ));

  it('notices any flipped bit behind the header', () =>
    fc.assert(
      fc.property(format, body, chunkSizes, fc.nat(), fc.nat(7), (objectFormat, content, sizes, position, bit) => {
        const pack = packOf(3, content, objectFormat);
        const at = 8 + (position % (pack.length - 8));
        pack.writeUInt8(pack.readUInt8(at) ^ (1 << bit), at);
        const error = failureIn(() => check(cut(pack, sizes), objectFormat));
        expect(error).to.include({ code: 'Corrupt', transient: true });
      }),
    ));

  it('notices every byte that is missing at the end', () =>
    fc.assert(
      fc.property(format, body, chunkSizes, fc.nat(), (objectFormat, content, sizes, missing) => {
        const pack = packOf(3, content, objectFormat);
        const short = pack.subarray(0, missing % pack.length);
        const error = failureIn(() => check(cut(short, sizes), objectFormat));
        expect(error.code).to.be.oneOf(['Truncated', 'Corrupt']);
        expect(error.transient).to.equal(true);
      }),
    ));

  it('refuses what does not begin like a pack at once, not at its end', () => {
    for (const start of ['<!doctype html>', 'PACK\0\0\0\u0004\0\0\0\0', 'KCAP\0\0\0\u0002\0\0\0\0']) {
      const error = failureIn(() => new PackChecker('sha1').update(Buffer.from(start, 'latin1')));
      expect(error.code).to.equal('Corrupt');
    }
  });

  for (const objectFormat of ['sha1', 'sha256'] as const)
    it(`knows an empty ${objectFormat} pack for a whole one`, () => {
      expect(check([emptyPack(objectFormat)], objectFormat)).to.include({
        objects: 0,
        bytes: 12 + hashBytes(objectFormat),
      });
    });
});
