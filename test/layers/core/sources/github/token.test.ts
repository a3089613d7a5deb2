import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { mask } from '#core/runtime/redact.ts';
import { Credential } from '#core/sources/hosting/credential.ts';
import { secretToken } from '#core/sources/github/secret-token.ts';
import { fileToken, fixedToken, type TokenProvider } from '#core/sources/hosting/token.ts';
import { failWith, redirect } from '../../../../support/git-faults.ts';
import { startGitServer, type GitServer } from '../../../../support/git-server.ts';
import type { GitHub } from '../../../../support/github-server.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf, names, noToken, sourceOver, startStage, token } from './stage.ts';

const next = 'ghp_nextNextNextNextNextNextNextNext0002';

/** Gives one token after the other, and notes what it was asked with. */
function rotating(...tokens: string[]): TokenProvider & { asked: (string | undefined)[] } {
  const asked: (string | undefined)[] = [];
  const provide = (refused?: string): Promise<string | undefined> => {
    asked.push(refused);
    return Promise.resolve(tokens[asked.length - 1] ?? tokens.at(-1));
  };
  return Object.assign(provide, { asked });
}

describe('token for GitHub', () => {
  const folder = useTemporaryFolders();

  describe('from a file', () => {
    it('is read again each time, without newline and byte order mark', async () => {
      const path = join(await folder(), 'token');
      const provide = fileToken(path);
      await writeFile(path, `\uFEFF${token}\r\n`);
      expect(await provide()).to.equal(token);
      await writeFile(path, next);
      expect(await provide(token)).to.equal(next);
      expect(mask(`a ${next} b`)).to.equal('a *** b');
    });

    it('must be there, and be one token', async () => {
      const path = join(await folder(), 'token');
      const missing = await failureOf(fileToken(path)());
      expect(missing.code).to.equal('ConfigurationInvalid');
      expect(missing.message).to.include('ENOENT');
      for (const content of ['', '\n', 'two words', `${token}\n${next}`, 'ümlaut-token']) {
        await writeFile(path, content);
        const error = await failureOf(fileToken(path)());
        expect(error.code).to.equal('ConfigurationInvalid');
        expect(error.message).to.include(path);
        if (content.trim() !== '') expect(inspect(error, { depth: 9 })).not.to.include(content.trim());
      }
    });
  });

  it('from the environment is the same for ever', async () => {
    const provide = fixedToken(`${token}\n`, 'GITHUB_TOKEN');
    expect(await provide()).to.equal(token);
    expect(await provide(token)).to.be.undefined;
    expect(await fixedToken(undefined, 'GITHUB_TOKEN')()).to.be.undefined;
    expect(() => fixedToken('two words', 'GITHUB_TOKEN')).to.throw('GITHUB_TOKEN does not hold exactly one token');
  });

  it('from a secret is that of the current version', async () => {
    let reads = 0;
    const read = (name: string) => {
      reads += 1;
      expect(name).to.equal('prod/github-backup');
      return Promise.resolve(JSON.stringify({ TOKEN_GITHUB: next, BACKUP_S3_BUCKET: 'bucket' }));
    };
    const provide = secretToken('prod/github-backup', read, token);
    expect(await provide()).to.equal(token);
    expect(reads).to.equal(0);
    expect(await provide(token)).to.equal(next);
    expect(await secretToken('prod/github-backup', read)()).to.equal(next);
  });

  describe('credential', () => {
    it('asks once for a new token, however many requests were refused', async () => {
      const provide = rotating(token, next);
      const credential = new Credential(provide);
      expect(await credential.token()).to.equal(token);
      const renewed = await Promise.all([1, 2, 3].map(() => credential.renewed(token)));
      expect(renewed).to.deep.equal([next, next, next]);
      expect(await credential.renewed(token)).to.equal(next);
      expect(await credential.token()).to.equal(next);
      expect(provide.asked).to.deep.equal([undefined, token]);
    });

    it('has no newer token where the same comes again', async () => {
      const credential = new Credential(rotating(token));
      expect(await credential.renewed(token)).to.be.undefined;
    });

    it('asks again after a failure to read', async () => {
      let failures = 1;
      const credential = new Credential(() =>
        failures-- > 0 ? Promise.reject(new Error('no network')) : Promise.resolve(token),
      );
      await credential.token().catch(() => undefined);
      expect(await credential.token()).to.equal(token);
    });
  });

  describe('towards GitHub', () => {
    let github: GitHub;
    let elsewhere: GitServer;

    beforeEach(async () => {
      github = await startStage(await folder());
      await github.addRepository('octo/secret', { shape: { commits: 1 }, private: true });
      elsewhere = await startGitServer({ root: await folder() });
    });

    afterEach(() => Promise.all([github.close(), elsewhere.close()]));

    it('is read once more when it was replaced during the run', async () => {
      const provide = rotating(token, next);
      const source = sourceOver(github, { token: provide, settings: { owner: 'octo' } });
      await source.inventory();
      github.rotateToken(token, next);
      github.requests.length = 0;
      expect(names((await source.inventory()).listed)).to.deep.equal(['octo/secret']);
      expect(github.requests.map(({ status }) => status)).to.deep.equal([401, 200, 200, 200]);
      expect(provide.asked).to.deep.equal([undefined, token]);
    });

    it('is given up when it is refused a second time', async () => {
      const provide = rotating(token, next);
      github.revokeToken(token);
      const error = await failureOf(sourceOver(github, { token: provide }).inventory());
      expect(error.code).to.equal('AccessDenied');
      expect(error.message).to.include('Bad credentials');
      expect(error.advice).to.include('expired');
      expect(github.requests.map(({ status }) => status)).to.deep.equal([401, 401]);
      expect(provide.asked).to.deep.equal([undefined, token]);
    });

    it('is renewed for Git as for the API', async () => {
      const provide = rotating(token, next);
      const source = sourceOver(github, { token: provide, settings: { owner: 'octo' } });
      const [listed] = (await source.inventory()).listed;
      github.rotateToken(token, next);
      const transport = source.open(listed!.item);
      await transport.advertisement('git-upload-pack', 0);
      expect(github.gitRequests.map(({ status }) => status)).to.deep.equal([401, 200]);
      const sent = github.gitRequests.map(({ headers }) => headers.authorization?.replace('Basic ', '') ?? '');
      expect(sent.map((text) => Buffer.from(text, 'base64').toString())).to.deep.equal([
        `x-access-token:${token}`,
        `x-access-token:${next}`,
      ]);
      expect(sent.map(mask)).to.satisfy((masked: string[]) => masked.every((text) => text.endsWith('***')));
    });

    it('is refused for good by Git when there is no other', async () => {
      const source = sourceOver(github, { settings: { owner: 'octo' } });
      const [listed] = (await source.inventory()).listed;
      github.revokeToken(token);
      const error = await failureOf(source.open(listed!.item).advertisement('git-upload-pack', 0));
      expect(error.code).to.equal('AccessDenied');
      expect(github.gitRequests).to.have.length(1);
    });

    it('never goes to another host to which the API redirects, nor does the request', async () => {
      github.faults.push(redirect({ status: 301, to: elsewhere.url }, { on: 'api' }));
      const error = await failureOf(sourceOver(github).inventory());
      expect(error.code).to.equal('Unavailable');
      expect(error.message).to.include(`redirects to ${elsewhere.url}`);
      expect(elsewhere.requests).to.be.empty;
    });

    it('goes along a redirect within the API', async () => {
      const to = () => `${github.apiUrl}/users/octo`;
      github.faults.push(redirect({ status: 301, to }, { on: 'api', path: /^\/users\/former$/ }));
      const { listed } = await sourceOver(github, { settings: { owner: 'former' } }).inventory();
      expect(names(listed)).to.deep.equal(['octo/secret']);
      expect(github.requests.every(({ hasAuthorization }) => hasAuthorization)).to.be.true;
    });

    it('ends a circle of redirects', async () => {
      const to = () => `${github.apiUrl}/user`;
      github.faults.push(redirect({ status: 302, to }, { on: 'api' }));
      expect((await failureOf(sourceOver(github).inventory())).code).to.equal('Unavailable');
      expect(github.requests.length).to.be.below(30);
    });

    it('never goes to another host to which Git redirects', async () => {
      const source = sourceOver(github, { settings: { owner: 'octo' } });
      const [listed] = (await source.inventory()).listed;
      github.faults.push(redirect({ to: elsewhere.url }, { on: 'info-refs' }));
      await failureOf(source.open(listed!.item).advertisement('git-upload-pack', 0));
      expect(elsewhere.requests).to.have.length(1);
      expect(elsewhere.requests[0]!.hasAuthorization).to.be.false;
    });

    it('never goes to a foreign host that the API names for cloning, and neither does any request', async () => {
      const listing = await fetch(`${github.apiUrl}/user/repos`, { headers: { authorization: `Bearer ${token}` } });
      const body = (await listing.text()).replaceAll(
        `${github.url}/octo/secret.git`,
        `${elsewhere.url}/octo/secret.git`,
      );
      const headers = { 'content-type': 'application/json' };
      github.faults.push(failWith({ status: 200, headers, body }, { on: 'api', path: /repos$/ }));
      const source = sourceOver(github, { settings: { owner: 'octo' } });
      const { listed } = await source.inventory();
      const refused = await failureOf(Promise.resolve().then(() => source.open(listed[0]!.item)));
      expect(refused.code).to.equal('SourceUnsupported');
      expect(refused.message).to.include(elsewhere.url);
      expect(elsewhere.requests).to.be.empty;
    });

    it('is in no error, whatever GitHub answers', async () => {
      const echo = JSON.stringify({ message: `no ${token} here`, block: { reason: token, html_url: token } });
      for (const status of [401, 403, 404, 422, 429, 451, 500]) {
        for (const headers of [{ 'content-type': 'application/json' }, { 'content-type': 'text/html' }]) {
          github.faults.length = 0;
          github.faults.push(failWith({ status, headers, body: echo }));
          const retry = { attempts: 1, firstWaitMs: 1, longestWaitMs: 1 };
          const error = await failureOf(sourceOver(github, { retry }).inventory());
          expect(inspect(error, { depth: 9, showHidden: true })).not.to.include(token);
        }
      }
    });

    it('is asked for where GitHub shows nothing without one', async () => {
      github.faults.push(failWith({ status: 401 }, { on: 'api' }));
      const error = await failureOf(sourceOver(github, { token: noToken, settings: { owner: 'octo' } }).inventory());
      expect(error.code).to.equal('AccessDenied');
      expect(error.advice).to.equal('Give a token.');
    });
  });
});
