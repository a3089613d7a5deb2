import { expect } from 'chai';
import { S3Vault } from '#core/vault/storage/s3/s3-vault.ts';
import { codeOf, contentOf, keysOf, store, stored } from '../../../../../support/vault-content.ts';
import { bucket, describeWithS3 } from '../../../../../support/vault-s3.ts';
import { vaultContract } from '../../vault-contract.ts';

describeWithS3('a vault in S3', (s3) => {
  vaultContract({
    blockBytes: 5 << 20,
    open() {
      const prefix = s3.newPrefix();
      const vault = new S3Vault({ bucket, prefix });
      return Promise.resolve({ vault, leftovers: () => s3.unfinishedUploads(prefix) });
    },
  });

  it('names itself by bucket and prefix', () => {
    expect(new S3Vault({ bucket: 'acme-backups', prefix: 'git/all' }).location).to.equal('s3://acme-backups/git/all');
  });

  it('keeps to its prefix, also where another begins alike', async () => {
    const prefix = s3.newPrefix();
    const [vault, neighbour] = [new S3Vault({ bucket, prefix }), new S3Vault({ bucket, prefix: `${prefix}2` })];
    await vault.create('key', Buffer.from('ours'));
    await neighbour.create('key', Buffer.from('theirs'));
    expect(await keysOf(vault)).to.deep.equal(['key']);
    expect((await stored(neighbour, 'key'))?.toString()).to.equal('theirs');
  });

  it('takes a bucket without a prefix', async () => {
    const prefix = s3.newPrefix();
    const whole = new S3Vault({ bucket, prefix: '' });
    await whole.create(`${prefix}/key`, Buffer.from('x'));
    expect(await keysOf(whole, prefix)).to.deep.equal([`${prefix}/key`]);
  });

  it('tags objects of one part and of several, where it is told to', async () => {
    const prefix = s3.newPrefix();
    const vault = new S3Vault({ bucket, prefix });
    const tags = { project: 'code + more', source: 'arn:aws:codecommit:us-east-1:123456789012:shop' };
    for (const [key, bytes] of [
      ['small', 10],
      ['large', (5 << 20) + 1],
    ] as const) {
      const writer = vault.writer(key, tags);
      await writer.write(contentOf(bytes));
      await writer.finish();
      expect(await s3.tagsOf(`${prefix}/${key}`)).to.deep.equal(tags);
    }
    await store(vault, 'plain', contentOf(10));
    expect(await s3.tagsOf(`${prefix}/plain`)).to.deep.equal({});
  });

  it('says that there is no such bucket, whatever is asked of it', async () => {
    const vault = new S3Vault({ bucket: 'holdfast-no-such-bucket', prefix: '' });
    expect(await codeOf(vault.create('key', Buffer.from('x')))).to.equal('NotFound');
    expect(await codeOf(store(vault, 'key', contentOf(1)))).to.equal('NotFound');
    expect(await codeOf(store(vault, 'key', contentOf((5 << 20) + 1)))).to.equal('NotFound');
    expect(await codeOf(keysOf(vault))).to.equal('NotFound');
  });
});
