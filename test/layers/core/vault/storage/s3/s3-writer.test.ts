import { expect } from 'chai';
import { partBytes } from '#core/vault/storage/s3/s3-writer.ts';

const MiB = 1 << 20;
const GiB = 1 << 30;

describe('the parts of an upload to S3', () => {
  const sizes = Array.from({ length: 10_000 }, (_, index) => partBytes(index));

  it('are small at first, so that small objects need little memory', () => {
    expect(sizes.slice(0, 100).every((size) => size === 5 * MiB)).to.equal(true);
  });

  it('hold 5 TiB, the largest object, within the 10,000 that S3 allows', () => {
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.at.least(5 * 1024 * GiB);
  });

  it('are all of a size that S3 takes and that one write to a TLS connection can carry', () => {
    for (const size of sizes) {
      expect(Number.isSafeInteger(size)).to.equal(true);
      expect(size).to.be.within(5 * MiB, 2 * GiB - 1);
    }
  });

  it('never shrink', () => {
    for (const [index, size] of sizes.entries()) expect(size).to.be.at.least(sizes[index - 1] ?? 0);
  });
});
