import { expect } from 'chai';
import fc from 'fast-check';
import { delimiter, flush, parseLength, pktLine, readPackets, textOf, throwOnErrorLine } from '#core/git/pkt-line.ts';
import { hasCode, HoldfastError } from '#core/runtime/errors.ts';
import { chunkSizes, cut, failureIn, failureOf, streamOf } from '../../../support/streams.ts';

const payload = fc.uint8Array({ maxLength: 300 });
const packet = fc.oneof(
  { weight: 5, arbitrary: payload.map((bytes) => ({ type: 'data', payload: Buffer.from(bytes) }) as const) },
  fc.constantFrom({ type: 'flush' } as const, { type: 'delimiter' } as const, { type: 'end' } as const),
);
type Packet = typeof packet extends fc.Arbitrary<infer T> ? T : never;

function encode(packets: readonly Packet[]): Buffer {
  const markers = { flush, delimiter, end: Buffer.from('0002') };
  return Buffer.concat(packets.map((each) => (each.type === 'data' ? pktLine(each.payload) : markers[each.type])));
}

async function decode(chunks: readonly Buffer[]): Promise<unknown[]> {
  const packets = [];
  // A payload is a slice of what came in, so it is copied before more comes.
  for await (const each of readPackets(streamOf(...chunks)))
    packets.push(each.type === 'data' ? { ...each, payload: Buffer.from(each.payload) } : each);
  return packets;
}

describe('pkt-line', () => {
  it('reads back what it wrote, however the stream is cut', () =>
    fc.assert(
      fc.asyncProperty(fc.array(packet, { maxLength: 12 }), chunkSizes, async (packets, sizes) => {
        expect(await decode(cut(encode(packets), sizes))).to.deep.equal(packets);
      }),
    ));

  it('calls a stream truncated that ends inside a packet', () =>
    fc.assert(
      fc.asyncProperty(payload, fc.nat(), chunkSizes, async (bytes, position, sizes) => {
        const line = pktLine(bytes);
        const short = line.subarray(0, 1 + (position % (line.length - 1)));
        const error = await failureOf(decode(cut(short, sizes)));
        expect(error).to.include({ code: 'Truncated', transient: true });
      }),
    ));

  it('fails on arbitrary bytes by errors of its own only', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), chunkSizes, async (bytes, sizes) => {
        await decode(cut(bytes, sizes)).catch((error: unknown) => {
          if (!hasCode(error, 'Truncated', 'ProtocolViolation')) throw error;
        });
      }),
    ));

  it('takes the longest line that Git allows and none beyond it', async () => {
    const longest = Buffer.alloc(65_516, 1);
    expect(await decode([pktLine(longest)])).to.deep.equal([{ type: 'data', payload: longest }]);
    expect(() => pktLine(Buffer.alloc(65_517))).to.throw(RangeError);
    expect(failureIn(() => parseLength(Buffer.from('fff1'))).code).to.equal('ProtocolViolation');
  });

  for (const digits of ['0003', ' 123', '-001', '0x10', '12g4', '<htm', 'PACK'])
    it(`does not take ${JSON.stringify(digits)} for a length`, () => {
      expect(failureIn(() => parseLength(Buffer.from(digits))).code).to.equal('ProtocolViolation');
    });

  it('reads a line with and without the line feed at its end', () => {
    expect(textOf(Buffer.from('NAK\n'))).to.equal('NAK');
    expect(textOf(Buffer.from('NAK'))).to.equal('NAK');
    expect(textOf(Buffer.from('two\n\n'))).to.equal('two\n');
  });

  it('tells a ref that moved away from a refusal', () => {
    const moved = failureIn(() => throwOnErrorLine('ERR upload-pack: not our ref 1234'));
    expect(moved).to.include({ code: 'RefMoved', transient: true });
    const refused = failureIn(() => throwOnErrorLine('ERR access denied\n'));
    expect(refused).to.include({ code: 'RemoteRefused', transient: false });
    expect(refused.message).to.include('access denied');
    expect(() => throwOnErrorLine('ERRATIC')).not.to.throw(HoldfastError);
  });
});
