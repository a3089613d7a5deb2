import { expect } from 'chai';
import { openDeployedGitHub } from '#core/sources/github/deployed.ts';
import { HoldfastError } from '#core/runtime/errors.ts';

const deployment = {
  HOLDFAST_SOURCE: 'github',
  HOLDFAST_SECRET: 'prod/github-backup',
  HOLDFAST_BUCKET: 'acme-backups',
  HOLDFAST_PREFIX: 'team/code',
};

/** Where a deployment stores what it backs up, with a secret that says this. */
async function vaultOf(secret: Record<string, string>, settings: Record<string, string> = {}): Promise<string> {
  const { vault, close } = await openDeployedGitHub({
    env: { ...deployment, ...settings },
    signal: new AbortController().signal,
    readSecret: () =>
      Promise.resolve(JSON.stringify({ BACKUP_OWNER: 'acme', BACKUP_S3_BUCKET: 'acme-backups', ...secret })),
  });
  close();
  return vault;
}

describe('a deployed source GitHub', () => {
  it('stores below the prefix that the deployment grants', async () => {
    expect(await vaultOf({})).to.equal('s3://acme-backups/team/code');
    expect(await vaultOf({ BACKUP_S3_PREFIX: '/team/code/' })).to.equal('s3://acme-backups/team/code');
  });

  it('refuses a secret that names another prefix, and says what to set', async () => {
    for (const settings of [{}, { HOLDFAST_PREFIX: '' }]) {
      const error: unknown = await vaultOf({ BACKUP_S3_PREFIX: 'backups' }, settings).catch((error: unknown) => error);
      expect(error).to.be.instanceOf(HoldfastError).and.include({ code: 'ConfigurationInvalid' });
      expect((error as HoldfastError).advice).to.include('github.prefix');
    }
  });

  it('refuses a secret that names another bucket', async () => {
    const error: unknown = await vaultOf({ BACKUP_S3_BUCKET: 'another' }).catch((error: unknown) => error);
    expect(error).to.be.instanceOf(HoldfastError).and.include({ code: 'ConfigurationInvalid' });
  });
});
