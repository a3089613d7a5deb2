import { expect } from 'chai';
import { growingPart, mostParts, wantsEqualParts } from '#core/vault/storage/s3/s3-parts.ts';
import { S3Vault } from '#core/vault/storage/s3/s3-vault.ts';
import { setEnvironment } from '../../../../../support/vault-s3.ts';

const MiB = 1 << 20;
const GiB = 1 << 30;

describe('the parts of an upload to S3', () => {
  const sizes = Array.from({ length: mostParts }, (_, index) => growingPart(index));

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

  it('do not grow at R2, which is known by its host, nor where their size is set', async () => {
    expect(wantsEqualParts('0123456789abcdef.eu.r2.cloudflarestorage.com')).to.equal(true);
    expect(wantsEqualParts('r2.cloudflarestorage.com.example.com')).to.equal(false);
    for (const [endpoint, part, sizesOfAll] of [
      ['https://0123456789abcdef.r2.cloudflarestorage.com', '', [5 * MiB]],
      ['https://0123456789abcdef.r2.cloudflarestorage.com', '64', [64 * MiB]],
      ['https://s3.example.com', '16', [16 * MiB]],
      ['https://s3.example.com', '', [...new Set(sizes)]],
    ] as const) {
      const restore = setEnvironment({ AWS_ENDPOINT_URL_S3: endpoint, HOLDFAST_S3_PART_MIB: part });
      try {
        const { store } = new S3Vault({ bucket: 'backups', prefix: '' });
        // The first part is filled before anything is asked.
        const first = store.partBytes(0);
        await store.learnPartSizes();
        expect([...new Set([first, ...sizes.map((_, index) => store.partBytes(index))])]).to.deep.equal(sizesOfAll);
      } finally {
        restore();
      }
    }
  });

  for (const part of ['4', '1025', '16.5', 'large'])
    it(`cannot be ${part} MiB large`, () => {
      const restore = setEnvironment({ HOLDFAST_S3_PART_MIB: part });
      try {
        expect(() => new S3Vault({ bucket: 'backups', prefix: '' })).to.throw(
          /HOLDFAST_S3_PART_MIB: must be 5 to 1024/,
        );
      } finally {
        restore();
      }
    });
});
