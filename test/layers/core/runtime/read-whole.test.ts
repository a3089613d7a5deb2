import { expect } from 'chai';
import { readWhole } from '#core/runtime/read-whole.ts';
import { failureOf, streamOf } from '../../../support/streams.ts';

describe('a small answer', () => {
  it('is read whole up to its limit and refused beyond it', async () => {
    expect((await readWhole(streamOf(Buffer.from('abc'), Buffer.from('de')), 5, 'it')).toString()).to.equal('abcde');
    expect((await failureOf(readWhole(streamOf(Buffer.from('abc'), Buffer.from('def')), 5, 'it'))).code).to.equal(
      'TooLarge',
    );
  });
});
