import { expect } from 'chai';
import type { GitHub } from '../../../../support/github-server.ts';
import { failWith } from '../../../../support/git-faults.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf, names, noToken, sourceOver, startStage } from './stage.ts';

const shape = { commits: 1 };

describe('inventory of GitHub', () => {
  const folder = useTemporaryFolders();
  let github: GitHub;

  before(async () => {
    github = await startStage(await folder());
    await github.addRepository('octo/website', { shape, size: 7 });
    await github.addRepository('octo/secret', { shape, private: true });
    await github.addRepository('acme/app', { shape });
    await github.addRepository('acme/plans', { shape, private: true });
    await github.addRepository('guest/shared', { shape, private: true, collaborators: ['octo'] });
    await github.addRepository('guest/public', { shape });
    await github.addRepository('other/closed', { shape, private: true });
  });

  beforeEach(() => {
    github.requests.length = 0;
    github.faults.length = 0;
  });

  after(() => github.close());

  it('holds the repositories of an organisation, private ones too where the token sees them', async () => {
    const { scope, listed, warnings } = await sourceOver(github, { settings: { owner: 'ACME' } }).inventory();
    expect(scope).to.equal(`org acme at 127.0.0.1:${github.port}`);
    expect(names(listed)).to.deep.equal(['acme/app', 'acme/plans']);
    expect(warnings).to.deep.equal([]);
  });

  it('describes each repository by its numeric id, its path, its name and its size in bytes', async () => {
    const { listed } = await sourceOver(github, { settings: { owner: 'octo', visibility: 'public' } }).inventory();
    expect(listed[0]).to.deep.equal({
      item: { source: 'github', id: '1001', path: ['octo', 'website'], name: 'octo/website' },
      estimatedBytes: 7 * 1024,
    });
  });

  it("holds the private repositories of the token's own user, whom it recognises", async () => {
    const { scope, listed } = await sourceOver(github, { settings: { owner: 'Octo' } }).inventory();
    expect(scope).to.match(/^user octo at /);
    expect(names(listed)).to.deep.equal(['octo/website', 'octo/secret']);
  });

  it('holds everything that the token sees where no owner is named', async () => {
    const { scope, listed } = await sourceOver(github).inventory();
    expect(scope).to.match(/^user octo, also where not the owner at /);
    expect(names(listed)).to.deep.equal(['octo/website', 'octo/secret', 'acme/app', 'acme/plans', 'guest/shared']);
  });

  it('holds only what the user owns where that is asked for', async () => {
    const { listed } = await sourceOver(github, { settings: { onlyOwned: true } }).inventory();
    expect(names(listed)).to.deep.equal(['octo/website', 'octo/secret']);
  });

  it('holds what another user owns, or also what that user works on', async () => {
    const owned = await sourceOver(github, { settings: { owner: 'guest' } }).inventory();
    expect(names(owned.listed)).to.deep.equal(['guest/public']);
    const all = await sourceOver(github, { settings: { owner: 'octo', onlyOwned: false }, token: noToken }).inventory();
    expect(names(all.listed)).to.deep.equal(['octo/website', 'acme/app']);
  });

  it('holds public repositories without any token', async () => {
    const { listed, warnings } = await sourceOver(github, { settings: { owner: 'octo' }, token: noToken }).inventory();
    expect(names(listed)).to.deep.equal(['octo/website']);
    expect(warnings).to.deep.equal([]);
    expect(github.requests.every(({ hasAuthorization }) => !hasAuthorization)).to.be.true;
  });

  it('fails without owner and token, since nothing says whose repositories are meant', async () => {
    const error = await failureOf(sourceOver(github, { token: noToken }).inventory());
    expect(error.code).to.equal('ConfigurationInvalid');
    expect(github.requests).to.be.empty;
  });

  it('fails for an account that does not exist', async () => {
    const error = await failureOf(sourceOver(github, { settings: { owner: 'nobody' } }).inventory());
    expect(error.code).to.equal('SourceMissing');
    expect(error.message).to.include('the account nobody');
  });

  it('warns that the token of an app does not show the private repositories of a user', async () => {
    const body = JSON.stringify({ message: 'Resource not accessible by integration' });
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    github.faults.push(failWith({ status: 403, headers, body }, { on: 'api', path: /^\/user$/ }));
    const { listed, warnings } = await sourceOver(github, { settings: { owner: 'octo' } }).inventory();
    expect(names(listed)).to.deep.equal(['octo/website']);
    expect(warnings.join()).to.include('belongs to an app');
    const error = await failureOf(sourceOver(github).inventory());
    expect(error.code).to.equal('AccessDenied');
    expect(error.advice).to.include('name the account');
  });

  it('warns of an account without any repository', async () => {
    const { listed, warnings } = await sourceOver(github, { settings: { owner: 'other' }, token: noToken }).inventory();
    expect(listed).to.be.empty;
    expect(warnings).to.deep.equal(['GitHub lists no repository at all']);
  });

  it('reads an API below /api/v3 and one at the root of its host', async () => {
    for (const apiUrl of [github.apiUrl, `${github.apiUrl}/`, github.url]) {
      const { listed } = await sourceOver({ apiUrl }, { settings: { owner: 'acme' } }).inventory();
      expect(names(listed)).to.deep.equal(['acme/app', 'acme/plans']);
    }
  });

  it('refuses an answer that is no listing of repositories', async () => {
    const headers = { 'content-type': 'application/json' };
    github.faults.push(failWith({ status: 200, headers, body: '{"id": 1}' }, { on: 'api', path: /repos$/ }));
    const error = await failureOf(sourceOver(github).inventory());
    expect(error.code).to.equal('ProtocolViolation');
  });

  it('lets one entry that cannot be used fail alone', async () => {
    const headers = { 'content-type': 'application/json' };
    const entry = (id: unknown, name: string, clone_url = `${github.url}/acme/${name}.git`) => {
      return { id, name, owner: { login: 'acme' }, private: false, fork: false, size: 1, clone_url };
    };
    const body = JSON.stringify([
      entry(1, 'good'),
      entry(2, '..'),
      entry(3, 'a\u001b[8m'),
      entry('4', 'without-an-id'),
      entry(5, 'a-file', 'file:///etc'),
      entry(6, 'elsewhere', 'https://elsewhere.example/acme/elsewhere.git'),
      entry(7, 'open', 'http://elsewhere.example/acme/open.git'),
      entry(8, 'swallows', `${github.url}/acme/swallows.git?x=`),
      entry(9, 'login', github.url.replace('//', '//me:hunter22@')),
      7,
    ]);
    github.faults.push(failWith({ status: 200, headers, body }, { on: 'api', path: /repos$/ }));
    const source = sourceOver(github, { settings: { owner: 'acme' } });
    const { listed } = await source.inventory();
    expect(listed).to.have.length(10);
    expect(listed.map(({ skipped }) => skipped)).to.deep.equal(Array(10).fill(undefined));
    const another = sourceOver(github, { settings: { owner: 'acme' } });
    for (const [at, { item }] of listed.entries()) {
      if (at === 0) source.open(item).close();
      else {
        const error = await failureOf(Promise.resolve().then(() => source.open(item)));
        expect(error.code, item.name).to.equal('SourceUnsupported');
        expect(error.message).not.to.include('hunter22');
      }
      // The process that backs up may be another one than that which listed.
      if (item.path[0] === '')
        expect((await failureOf(Promise.resolve().then(() => another.open(item)))).code).to.equal('SourceUnsupported');
    }
  });
});
