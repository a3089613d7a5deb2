import { expect } from 'chai';
import fc from 'fast-check';
import { flush, pktLine } from '#core/git/pkt-line.ts';
import { SideBand } from '#core/git/side-band.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { chunkSizes, cut, failureIn } from '../../../support/streams.ts';

const piece = fc.record({ band: fc.constantFrom<number[]>(1, 1, 1, 2), bytes: fc.uint8Array({ maxLength: 200 }) });
type Piece = typeof piece extends fc.Arbitrary<infer T> ? T : never;

/** One line of a band; without bytes it is what servers send to keep the connection alive. */
function line({ band, bytes }: Piece): Buffer {
  return pktLine(Buffer.concat([Buffer.of(band), bytes]));
}

function demultiplex(chunks: readonly Buffer[], sideBand = new SideBand()): Buffer {
  const parts: Buffer[] = [];
  for (const chunk of chunks) for (const bytes of sideBand.pack(chunk)) parts.push(Buffer.from(bytes));
  sideBand.finish();
  return Buffer.concat(parts);
}

describe('side-band', () => {
  it('gives the bytes of band 1, however they are framed and cut', () =>
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), chunkSizes, (pieces, sizes) => {
        const stream = Buffer.concat([...pieces.map(line), flush]);
        const expected = Buffer.concat(pieces.filter(({ band }) => band === 1).map(({ bytes }) => bytes));
        expect(demultiplex(cut(stream, sizes))).to.deep.equal(expected);
      }),
    ));

  it('raises what the server says on band 3, however it is cut', () =>
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), chunkSizes, (pieces, sizes) => {
        const last = pktLine(`\u0003fatal: the disk is full\n`);
        const stream = Buffer.concat([...pieces.map(line), last, line({ band: 1, bytes: Buffer.from('never read') })]);
        const error = failureIn(() => demultiplex(cut(stream, sizes)));
        expect(error).to.include({ code: 'RemoteRefused', transient: true });
        expect(error.message).to.match(/: fatal: the disk is full$/);
      }),
    ));

  it('calls a stream truncated that ends anywhere before its flush', () => {
    const stream = Buffer.concat([
      line({ band: 1, bytes: Buffer.from('PACK') }),
      line({ band: 2, bytes: Buffer.from('.') }),
    ]);
    for (let length = 0; length <= stream.length; length++)
      for (const sizes of [[stream.length], [1]]) {
        const error = failureIn(() => demultiplex(cut(stream.subarray(0, length), sizes)));
        expect(error, `${length} bytes`).to.include({ code: 'Truncated', transient: true });
      }
  });

  it('refuses bytes after the flush', () => {
    const stream = Buffer.concat([line({ band: 1, bytes: Buffer.from('x') }), flush, flush]);
    expect(failureIn(() => demultiplex([stream])).code).to.equal('ProtocolViolation');
    expect(failureIn(() => demultiplex(cut(stream, [1]))).code).to.equal('ProtocolViolation');
  });

  for (const band of [0, 4, 65])
    for (const bytes of ['', 'PACK'])
      it(`refuses band ${band}, which does not exist, with ${bytes === '' ? 'no bytes' : 'bytes'}`, () => {
        const stream = Buffer.concat([line({ band, bytes: Buffer.from(bytes) }), flush]);
        expect(failureIn(() => demultiplex([stream])).code).to.equal('ProtocolViolation');
        expect(failureIn(() => demultiplex(cut(stream, [1]))).code).to.equal('ProtocolViolation');
      });

  it('refuses the markers that have no place inside a pack', () => {
    for (const marker of ['0001', '0002'])
      expect(failureIn(() => demultiplex([Buffer.from(marker)])).code).to.equal('ProtocolViolation');
  });

  it('fails on arbitrary bytes by errors of its own only, and the same way however they are cut', () =>
    fc.assert(
      fc.property(fc.array(fc.oneof(piece.map(line), fc.uint8Array({ maxLength: 20 }))), chunkSizes, (parts, sizes) => {
        const stream = Buffer.concat(parts);
        expect(outcome(cut(stream, sizes))).to.deep.equal(outcome([stream]));
      }),
    ));
});

function outcome(chunks: readonly Buffer[]): { bytes: Buffer } | { code: string } {
  try {
    return { bytes: demultiplex(chunks) };
  } catch (error) {
    if (error instanceof HoldfastError) return { code: error.code };
    throw error;
  }
}
