import { expect } from 'chai';
import { openDeployedSource } from '#core/run/deployed-source.ts';
import { giteaDefinition } from '#core/sources/gitea/index.ts';
import { gitLabDefinition } from '#core/sources/gitlab/index.ts';
import type { HostDefinition } from '#core/sources/hosting/definition.ts';
import { parseHostSecret } from '#core/sources/hosting/host-secret.ts';
import { tokenKey } from '#core/sources/hosting/token-key.ts';
import { hostDefinitions } from '#core/sources/hosting/hosts.ts';
import { startGitea } from '../../../../support/hosts/gitea.ts';
import { startGitLab } from '../../../../support/hosts/gitlab.ts';
import type { Host } from '../../../../support/hosts/server.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureIn, failureOf } from '../../../../support/streams.ts';

const token = 'glpat-annaAnnaAnnaAnna0001';
const renewed = 'glpat-annaAnnaAnnaAnna0002';
const accounts = [{ name: 'anna' }, { name: 'acme', type: 'group', members: ['anna'] }] as const;
const servers: Record<string, typeof startGitLab> = { gitlab: startGitLab, gitea: startGitea };

for (const definition of hostDefinitions)
  describe(`a deployed source ${definition.label}`, () => {
    const folder = useTemporaryFolders();
    let server: Host;
    let secret: Record<string, unknown>;

    before(async () => {
      server = await servers[definition.name]!({ root: await folder(), accounts, tokens: { [renewed]: 'anna' } });
      await server.add('acme/website', {});
      await server.add('acme/secret', { visibility: 'private', wiki: false });
    });
    beforeEach(() => {
      secret = { [tokenKey(definition)]: renewed, BACKUP_URL: server.url, BACKUP_S3_BUCKET: 'acme-backups' };
    });
    after(() => server.close());

    const open = (env: Record<string, string> = {}, read = () => Promise.resolve(JSON.stringify(secret))) =>
      openDeployedSource({
        env: {
          HOLDFAST_SOURCE: definition.name,
          HOLDFAST_SECRET: `prod/${definition.name}-backup`,
          HOLDFAST_BUCKET: 'acme-backups',
          HOLDFAST_PREFIX: 'code',
          ...env,
        },
        signal: new AbortController().signal,
        readSecret: read,
      });

    it('lists what the settings in its secret choose, and stores it below the prefix that is granted', async () => {
      secret = { ...secret, BACKUP_OWNER: 'acme', BACKUP_WIKIS: 'no', BACKUP_FORMAT: 'zip', BACKUP_EXCLUDE: 'old*' };
      const { source, vault, options, close } = await open();
      const { listed } = await source.inventory();
      close();
      expect(listed.map(({ item }) => item.path.at(-1))).to.have.members(['website', 'secret']);
      expect(vault).to.equal('s3://acme-backups/code');
      expect(options.format).to.equal('zip');
    });

    it('reads the secret again where its token was refused', async () => {
      const values = [{ ...secret, [tokenKey(definition)]: token }, secret];
      const { source, close } = await open({}, () => Promise.resolve(JSON.stringify(values.shift() ?? secret)));
      const { listed } = await source.inventory();
      close();
      expect(listed.map(({ item }) => item.path.at(-1))).to.include('secret');
    });

    it('refuses a secret that names another place than the deployment grants, and says what to set', async () => {
      secret = { ...secret, BACKUP_S3_BUCKET: 'another' };
      expect((await failureOf(open())).message).to.match(/BACKUP_S3_BUCKET .* is not the bucket/);
      secret = { ...secret, BACKUP_S3_BUCKET: 'acme-backups', BACKUP_S3_PREFIX: 'elsewhere' };
      const { advice } = await failureOf(open());
      expect(advice).to.include(`git_hosts.${definition.name}.prefix`);
    });

    it('names what is wrong in its secret by key, and never by value', () => {
      const parse = (values: Record<string, unknown>) => () =>
        parseHostSecret(definition, JSON.stringify(values), 'prod/secret');
      const { message } = failureIn(
        parse({
          ...secret,
          BACKUP_OWNR: 'acme',
          BACKUP_FORKS: 'perhaps',
          BACKUP_URL: 'http://git.example',
          [token]: 1,
        }),
      );
      for (const key of ['BACKUP_OWNR', 'BACKUP_FORKS', 'BACKUP_URL']) expect(message).to.include(key);
      for (const value of [token, 'perhaps', 'git.example']) expect(message).to.not.include(value);
      expect(failureIn(parse({ ...secret, [tokenKey(definition)]: undefined })).message).to.include('BACKUP_OWNER');
    });
  });

describe('the secrets of Git hosts', () => {
  const minimal = (definition: HostDefinition) =>
    parseHostSecret(definition, JSON.stringify({ BACKUP_OWNER: 'acme', BACKUP_S3_BUCKET: 'acme-backups' }), 'a');

  it('need an address where there is no usual one', () => {
    expect(minimal(gitLabDefinition).address.host).to.equal('gitlab.com');
    expect(failureIn(() => minimal(giteaDefinition)).message).to.include('BACKUP_URL');
  });
});
