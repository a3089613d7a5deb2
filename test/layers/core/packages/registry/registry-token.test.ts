import { expect } from 'chai';
import { RegistryToken } from '#core/packages/registry/registry-token.ts';
import { mask } from '#core/runtime/redact.ts';
import { makeNpmTarball } from '../../../../support/packages.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf } from '../../../../support/streams.ts';
import { emptyRepository, PackageVault, restoreTo, useRegistry } from '../restore/package-vault.ts';

describe('the token of a registry', () => {
  const folder = useTemporaryFolders();
  const registry = useRegistry();

  function source(...lifetimes: number[]) {
    const given: string[] = [];
    const token = () => {
      const authorizationToken = `token-number-${given.length}-of-this-test`;
      given.push(authorizationToken);
      const life = lifetimes[given.length - 1] ?? 12 * 3600;
      return Promise.resolve({ authorizationToken, expiration: new Date(Date.now() + life * 1000) });
    };
    return { given, token };
  }

  it('is fetched once, when it is first needed, and masked wherever it is printed', async () => {
    const api = source();
    const tokens = new RegistryToken(api);
    expect(api.given).to.deep.equal([]);
    const [first, second] = [await tokens.get(), await tokens.get()];
    expect([first, second]).to.deep.equal([api.given[0], api.given[0]]);
    expect(api.given).to.have.length(1);
    const shown = Buffer.from(`aws:${first}`).toString('base64');
    expect(mask(`sent ${first} and ${shown}`)).to.equal('sent *** and ***');
  });

  it('is fetched again once it is about to end, or was refused', async () => {
    const api = source(0, 3600);
    const tokens = new RegistryToken(api);
    await tokens.get();
    expect(await tokens.get()).to.equal(api.given[1]);
    expect(await tokens.get(api.given[1])).to.equal(api.given[2]);
    expect(await tokens.get(api.given[1])).to.equal(api.given[2]);
  });

  it('that could not be had is asked for again', async () => {
    let asked = 0;
    const { token } = source();
    const tokens = new RegistryToken({
      token: () => (asked++ === 0 ? Promise.reject(new Error('not now')) : token()),
    });
    await tokens.get().catch(() => undefined);
    expect(await tokens.get()).to.include('token-number-0');
  });

  it('is renewed in the middle of a restore where it is good no more', async () => {
    const server = registry();
    emptyRepository(server, 'renewed');
    const stored = new PackageVault(await folder());
    for (const name of ['one', 'two']) {
      const assets = { 'package.tgz': await makeNpmTarball({ name, version: '1.0.0' }) };
      await stored.version({ format: 'npm', name, version: '1.0.0', assets });
    }
    let revoked = false;
    server.beforeCall = (call) => {
      if (!call.startsWith('/DescribePackageVersion/') || revoked) return;
      revoked = true;
      server.tokens.revokeAll();
    };
    const { total, results } = await restoreTo(server, 'renewed', stored.vault, { concurrency: 1 });
    server.beforeCall = undefined;
    expect(total, JSON.stringify(results)).to.deep.include({ restored: 2 });
    expect(server.meter.calls('GetAuthorizationToken')).to.equal(2);
  });

  it('that may not be had names the action', async () => {
    const server = registry();
    emptyRepository(server, 'bearer');
    const stored = new PackageVault(await folder());
    const assets = { 'package.tgz': await makeNpmTarball({ name: 'one', version: '1.0.0' }) };
    await stored.version({ format: 'npm', name: 'one', version: '1.0.0', assets });
    server.denied.push({ action: 'sts:GetServiceBearerToken' });
    const { results } = await restoreTo(server, 'bearer', stored.vault);
    server.denied.length = 0;
    expect(results[0]).to.include({ outcome: 'failed', code: 'AccessDenied' });
    expect(JSON.stringify(results[0])).to.include('sts:GetServiceBearerToken');
  });

  it('is not asked for where there is no such repository', async () => {
    const server = registry();
    const before = server.meter.calls('GetAuthorizationToken');
    const stored = new PackageVault(await folder());
    const error = await failureOf(restoreTo(server, 'nowhere', stored.vault));
    expect(error.code).to.equal('NotFound');
    expect(error.advice).to.include('--create');
    expect(server.meter.calls('GetAuthorizationToken')).to.equal(before);
  });
});
