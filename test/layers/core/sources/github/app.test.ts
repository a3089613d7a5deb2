import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { listRefs } from '#core/git/fetch.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { mask } from '#core/runtime/redact.ts';
import { gitHubAddresses } from '#core/sources/github/addresses.ts';
import { appKeys, type AppKeys } from '#core/sources/github/app/app-keys.ts';
import { privateKey } from '#core/sources/github/app/private-key.ts';
import { appCredential, secretCredential } from '#core/sources/github/credential.ts';
import type { GitHubSource } from '#core/sources/github/github-source.ts';
import { parseGitHubSecret } from '#core/sources/github/secret.ts';
import { GitHubApp } from '../../../../support/github/app.ts';
import type { GitHub } from '../../../../support/github-server.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf, names, sourceOver, startStage, type SourceSettings } from './stage.ts';

const shape = { commits: 1 };

describe('GitHub App', () => {
  const folder = useTemporaryFolders();
  let github: GitHub;
  let app: GitHubApp;

  beforeEach(async () => {
    github = await startStage(await folder());
    app = github.app = new GitHubApp({ id: 77, account: 'acme' });
    await github.addRepository('acme/app', { shape, private: true, wiki: { commits: 1 } });
    await github.addRepository('acme/plans', { shape, private: true });
    await github.addRepository('other/closed', { shape, private: true });
  });

  afterEach(() => github.close());

  function keys(more: Partial<AppKeys> = {}): AppKeys {
    return { id: app.id, installation: undefined, privateKey: app.privateKey, origin: 'the test', ...more };
  }

  function credential(owner: string | undefined, given = keys()) {
    const http = new HttpClient({ stallMs: 5_000 });
    const addresses = gitHubAddresses(github.apiUrl);
    return appCredential(() => Promise.resolve(given), { http, addresses, owner });
  }

  function source(of: string | null = 'acme', given = keys(), more: SourceSettings = {}): GitHubSource {
    const { settings, ...rest } = more;
    const owner = of ?? undefined;
    return sourceOver(github, { ...credential(owner, given), settings: { owner, ...settings }, ...rest });
  }

  it('lists all that its installation reaches, under the name that a token has for it', async () => {
    const { scope, listed, warnings } = await source().inventory();
    expect(scope).to.equal(`org acme at 127.0.0.1:${github.port}`);
    expect(names(listed)).to.deep.equal(['acme/app', 'acme/plans']);
    expect(warnings).to.deep.equal([]);
    expect(names((await source(null).inventory()).listed)).to.deep.equal(['acme/app', 'acme/plans']);
    expect(names((await source('acme', keys({ installation: '77' })).inventory()).listed)).to.have.length(2);
  });

  it('says where only selected repositories are in its reach', async () => {
    app.installations = [{ id: 77, account: 'acme', repositories: ['acme/plans'] }];
    const { listed, warnings } = await source().inventory();
    expect(names(listed)).to.deep.equal(['acme/plans']);
    expect(warnings).to.deep.equal(['the app is installed for selected repositories of acme, and lists no others']);
  });

  it('fetches with its token, in the long form too, which is masked wherever it shows', async () => {
    const over = source();
    const { listed } = await over.inventory();
    expect((await listRefs(over.open(listed[0]!.item))).refs.size).to.be.greaterThan(0);
    const [token = ''] = app.minted;
    expect(app.minted).to.have.length(1);
    expect(token.length).to.be.greaterThan(500);
    expect(mask(`a ${token} b`)).to.equal('a *** b');
    expect(mask(`ghs_${'x.y-z_'.repeat(86)}`)).to.equal('***');
  });

  describe('its token', () => {
    it('is made once for as long as it lasts, and again five minutes before its end', async () => {
      const lasting = credential('acme');
      expect(await lasting.token()).to.equal(await lasting.token());
      app.tokenLifetimeMs = 290_000;
      const ending = credential('acme');
      const first = await ending.token();
      expect(await ending.token()).not.to.equal(first);
    });

    it('is made again where GitHub refuses it: in the middle of a run, and between two requests of a fetch', async () => {
      const over = source();
      const { listed } = await over.inventory();
      const transport = over.open(listed[0]!.item);
      app.revokeTokens();
      await listRefs(transport);
      expect(app.minted).to.have.length(2);
      for await (const _ of await transport.advertisement('git-upload-pack', 2));
      app.revokeTokens();
      const request = Buffer.from('0014command=ls-refs\n0000');
      const answer = await transport.exchange('git-upload-pack', 2, { length: request.length, chunks: [request] });
      for await (const _ of answer);
      expect(app.minted).to.have.length(3);
      expect((await over.locate(listed[0]!.item))?.name).to.equal('acme/app');
    });

    it('is made once, however many requests need it', async () => {
      const { token } = credential('acme');
      await Promise.all([1, 2, 3].map(() => token()));
      expect(app.minted).to.have.length(1);
    });

    it('is had by a machine whose clock is wrong', async () => {
      app.clockAheadMs = -3 * 3_600_000;
      const { token } = credential('acme');
      expect(await token()).to.equal(await token());
      app.clockAheadMs = 3_600_000;
      expect(await credential('acme').token()).to.equal(app.minted[1]);
    });
  });

  describe('fails, and says what to do, where', () => {
    it('its key is another one, or its id', async () => {
      const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
      const wrong = other.export({ type: 'pkcs8', format: 'pem' }).toString();
      for (const given of [keys({ privateKey: wrong }), keys({ id: '1' })]) {
        const error = await failureOf(source('acme', given).inventory());
        expect(error.code).to.equal('AccessDenied');
        expect(error.advice).to.include('GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY in the test do not belong together');
      }
    });

    it('it is not installed, or in several places', async () => {
      const missing = await failureOf(source('other').inventory());
      expect(missing).to.include({ code: 'AccessDenied', message: 'the GitHub App 4711 is not installed for other' });
      expect(missing.advice).to.include('Install it there');
      app.installations = [...app.installations, { id: 78, account: 'other' }];
      const several = await failureOf(source(null).inventory());
      expect(several).to.include({ code: 'ConfigurationInvalid', advice: 'Name one: acme, other.' });
      const elsewhere = await failureOf(source('acme', keys({ installation: '78' })).inventory());
      expect(elsewhere.message).to.equal('the installation 78 of the app belongs to other, not to acme');
      app.installations = [];
      expect((await failureOf(source(null).inventory())).code).to.equal('AccessDenied');
    });

    it('its installation is suspended, also in the middle of a run', async () => {
      const over = source();
      const { listed } = await over.inventory();
      app.installations = [{ id: 77, account: 'acme', suspended: true }];
      app.revokeTokens();
      const during = await failureOf(listRefs(over.open(listed[0]!.item)));
      const before = await failureOf(source().inventory());
      for (const error of [during, before]) {
        expect(error.code).to.equal('AccessDenied');
        expect(error.message).to.include('is suspended');
        expect(error.advice).to.include('Unsuspend it');
      }
    });

    it('a permission is missing, by dataset, before anything is read', async () => {
      app.installations = [{ id: 77, account: 'acme', permissions: { metadata: 'read' } }];
      const all = await source('acme', keys(), { settings: { datasets: undefined } }).inventory();
      // Settings need nothing more; what of them does is left out by name.
      expect(names(all.listed)).to.deep.equal(['acme/app', 'acme/app/settings', 'acme/plans', 'acme/plans/settings']);
      expect(all.warnings).to.include('wiki is not kept: the app lacks the permission contents (read)');
      expect(all.warnings).to.include('code will fail: the app lacks the permission contents (read)');
      const asked = await source('acme', keys(), { settings: { datasets: new Set(['wiki']) } }).inventory();
      expect(names(asked.listed)).to.include('acme/app/wiki');
      expect(asked.warnings).to.include('wiki will fail: the app lacks the permission contents (read)');
    });
  });

  describe('key', () => {
    it('is read in each form in which it survives consoles and shells', () => {
      const folded = app.privateKey.trim();
      const forms = [
        folded,
        folded.replaceAll('\n', '\\n'),
        folded.replaceAll('\n', '\r\n'),
        folded.replaceAll('\n', ' '),
        Buffer.from(app.privateKey).toString('base64'),
      ];
      const read = forms.map((form) => privateKey(form, 'it').export({ type: 'pkcs1', format: 'pem' }));
      expect(new Set(read)).to.deep.equal(new Set([app.privateKey]));
    });

    it('is refused where it is none, and never quoted', () => {
      const cut = app.privateKey.replace(/.{200}(?=\n-----END)/s, '');
      const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      });
      for (const text of [
        '',
        'nonsense',
        cut,
        curve.toString(),
        app.privateKey.replaceAll('RSA PRIVATE', 'ENCRYPTED PRIVATE'),
      ])
        try {
          privateKey(text, 'GITHUB_APP_PRIVATE_KEY');
          expect.fail(`was taken: ${text}`);
        } catch (error) {
          expect(error).to.include({ code: 'ConfigurationInvalid' });
          expect(inspect(error, { depth: 9 })).not.to.match(/MII|BEGIN/);
        }
    });

    it('is masked whole and line by line', () => {
      privateKey(app.privateKey, 'it');
      const [, line = ''] = app.privateKey.split('\n');
      expect(mask(`a ${line} b`)).to.equal('a *** b');
      expect(mask(app.privateKey.replaceAll('\n', '\\n'))).not.to.include(line);
    });
  });

  describe('in the secret', () => {
    const least = { BACKUP_S3_BUCKET: 'bucket' };

    it('stands beside or in place of a token, and is read again when a token is made', async () => {
      const values = { ...least, GITHUB_APP_ID: 4711, GITHUB_APP_PRIVATE_KEY: app.privateKey };
      const secret = parseGitHubSecret(JSON.stringify(values), 'prod/github-backup');
      let reads = 0;
      const read = () => {
        reads += 1;
        return Promise.resolve(JSON.stringify({ ...values, GITHUB_APP_INSTALLATION_ID: '77' }));
      };
      const http = new HttpClient({ stallMs: 5_000 });
      const addresses = gitHubAddresses(github.apiUrl);
      const { token } = secretCredential('prod/github-backup', read, secret, { http, addresses, owner: 'acme' });
      const first = await token();
      expect(await token(first)).to.equal(app.minted[1]);
      expect(reads).to.be.greaterThan(0);
    });

    it('is refused where half of it is missing or not what it must be', () => {
      const broken = [
        { GITHUB_APP_ID: '4711' },
        { GITHUB_APP_PRIVATE_KEY: app.privateKey, TOKEN_GITHUB: 'ghp_x' },
        { GITHUB_APP_INSTALLATION_ID: 5, BACKUP_OWNER: 'acme' },
        { GITHUB_APP_ID: '4711', GITHUB_APP_PRIVATE_KEY: app.privateKey, GITHUB_APP_INSTALLATION_ID: 'five' },
      ];
      for (const values of broken)
        expect(() => parseGitHubSecret(JSON.stringify({ ...least, ...values }), 'the secret')).to.throw(/GITHUB_APP_/);
      expect(appKeys(() => undefined, 'the environment')).to.be.undefined;
    });
  });
});
