import { expect } from 'chai';
import fc from 'fast-check';
import { joinList, printableName, splitList } from '#core/filesystems/names.ts';

describe('names as bytes', () => {
  const names = fc.array(fc.uint8Array({ min: 1, max: 255, minLength: 1, maxLength: 20 }));

  it('come out of a list as they went in', () =>
    fc.assert(
      fc.property(names, (given) => {
        const list = joinList(given);
        expect([...splitList(list)].map((name) => [...name])).to.deep.equal(given.map((name) => [...name]));
      }),
    ));

  it('are told apart when they are printed, and are one line', () =>
    fc.assert(
      fc.property(fc.uint8Array({ min: 1, minLength: 1 }), fc.uint8Array({ min: 1, minLength: 1 }), (one, other) => {
        const [a, b] = [printableName(one), printableName(other)];
        expect(a === b).to.equal(Buffer.compare(one, other) === 0);
        expect(a).not.to.match(/\p{C}/u);
      }),
    ));

  it('are printed as they are where they are text', () => {
    expect(printableName(Buffer.from('Größe 1.txt'))).to.equal('Größe 1.txt');
    expect(printableName(Buffer.from('a\nb\\'))).to.equal('a\\x0ab\\x5c');
    expect(printableName(Buffer.from([0x61, 0xff]))).to.equal('a\\xff');
  });
});
