import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { HoldfastError } from '#core/runtime/errors.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { openVault, parseS3Location } from '#core/vault/storage/open-vault.ts';
import { failureIn } from '../../../../support/streams.ts';
import { codeOf } from '../../../../support/vault-content.ts';

describe('the location of a vault', () => {
  it('is a folder where it is a path', async () => {
    for (const folder of ['backups', './s3', '/srv/backups', './C:\\backups', './~/x y', './s3:/bucket', 'a b/c']) {
      const vault = await openVault(folder);
      expect(vault).to.be.instanceOf(FolderVault);
      expect(vault.location).to.equal(path.resolve(folder));
    }
  });

  it('is a bucket with or without a prefix', async () => {
    expect(parseS3Location('s3://acme-backups')).to.deep.equal({ bucket: 'acme-backups', prefix: '' });
    expect(parseS3Location('s3://acme-backups/')).to.deep.equal({ bucket: 'acme-backups', prefix: '' });
    expect(parseS3Location('s3://acme.backups/git//')).to.deep.equal({ bucket: 'acme.backups', prefix: 'git' });
    expect(parseS3Location('s3://acme-backups/git/all/')).to.deep.equal({ bucket: 'acme-backups', prefix: 'git/all' });
    expect((await openVault('s3://acme-backups/git/')).location).to.equal('s3://acme-backups/git');
  });

  it('is refused where it can be neither', async () => {
    for (const location of [
      's3://',
      's3:///git',
      's3://Acme',
      's3://a',
      's3://-acme',
      'https://acme.s3.amazonaws.com',
      'file:///srv',
      's3:/acme',
      's3:acme',
      's3//acme',
      'S3:/acme',
      'arn:aws:s3:::acme',
      'gs://acme',
      'host:/srv',
      '',
      ' ',
    ])
      expect(await codeOf(openVault(location)), location).to.equal('Usage');
  });

  it('is refused with the form in which it would be understood', async () => {
    const forms = {
      's3:/acme/git': 's3://acme/git',
      's3:acme': 's3://acme',
      's3//acme': 's3://acme',
      'arn:aws:s3:::acme/git': 's3://acme/git',
      'https://acme.s3.eu-central-1.amazonaws.com/git': 's3://acme/git',
      'file:///srv': '/srv',
    };
    for (const [location, form] of Object.entries(forms)) {
      const failure = await openVault(location).catch((error: unknown) => error);
      expect(failure)
        .to.be.instanceOf(HoldfastError)
        .and.include({ advice: `Write ${form} instead.` });
    }
  });

  it('is refused where it is a file', async () => {
    expect(await codeOf(openVault(fileURLToPath(import.meta.url)))).to.equal('Usage');
  });

  it('is refused with a prefix that leaves too little room for keys', () => {
    expect(parseS3Location(`s3://acme/${'p'.repeat(100)}`).prefix).to.have.length(100);
    expect(failureIn(() => parseS3Location(`s3://acme/${'p'.repeat(101)}`)).code).to.equal('Usage');
    expect(failureIn(() => parseS3Location(`s3://acme/${'é'.repeat(51)}`)).code).to.equal('Usage');
  });
});
