import { expect } from 'chai';
import type { Transport } from '#core/git/transport.ts';
import type { ManifestItem } from '#core/vault/manifest.ts';
import type { GitHub } from '../../../../support/github-server.ts';
import { failWith } from '../../../../support/git-faults.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf, noToken, sourceOver, startStage } from './stage.ts';

function itemAt(path: string[], id = '1001'): ManifestItem {
  return { source: 'github', id, path, name: path.join('/') };
}

async function advertised(transport: Transport): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await transport.advertisement('git-upload-pack', 0)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a repository at GitHub', () => {
  const folder = useTemporaryFolders();
  let github: GitHub;

  beforeEach(async () => {
    github = await startStage(await folder());
  });

  afterEach(() => github.close());

  const add = (name: string, more = {}) => github.addRepository(name, { shape: { commits: 1 }, ...more });

  it('is opened at the address by which GitHub lists it, with the token', async () => {
    await add('acme/plans', { private: true });
    const source = sourceOver(github, { settings: { owner: 'acme' } });
    const [listed] = (await source.inventory()).listed;
    const transport = source.open(listed!.item);
    expect(transport.address).to.equal(`${github.url}/acme/plans.git`);
    expect(await advertised(transport)).to.include('refs/heads/main');
  });

  it('is opened without an inventory, as another process has made that', async () => {
    await add('acme/plans', { private: true });
    const transport = sourceOver(github).open(itemAt(['acme', 'plans']));
    expect(transport.address).to.equal(`${github.url}/acme/plans.git`);
    expect(await advertised(transport)).to.include('refs/heads/main');
    expect(github.requests).to.be.empty;
  });

  it('is opened without a token where it is public', async () => {
    await add('acme/app');
    expect(await advertised(sourceOver(github, { token: noToken }).open(itemAt(['acme', 'app'])))).to.include('refs/');
    expect(github.gitRequests.some(({ hasAuthorization }) => hasAuthorization)).to.be.false;
  });

  it('is opened with the token though it is public, as that has limits of its own', async () => {
    await add('acme/app');
    await advertised(sourceOver(github).open(itemAt(['acme', 'app'])));
    expect(github.gitRequests.every(({ hasAuthorization }) => hasAuthorization)).to.be.true;
  });

  it('is never opened by a path that is none of a repository', () => {
    for (const path of [['acme'], ['acme', 'app', 'more'], ['..', 'app'], ['acme', '..'], ['acme', '']])
      expect(() => sourceOver(github).open(itemAt(path))).to.throw('is not a repository at GitHub');
    expect(sourceOver(github).open(itemAt(['a?b', 'c#/d'])).address).to.equal(`${github.url}/a%3Fb/c%23%2Fd.git`);
  });

  it('is found by its id when it was renamed, and opened there', async () => {
    const repository = await add('octo/former', { private: true });
    github.rename(repository, 'acme/present');
    const source = sourceOver(github);
    const present = await source.locate(itemAt(['octo', 'former']));
    expect(present).to.deep.equal(itemAt(['acme', 'present']));
    expect(source.open(present!).address).to.equal(`${github.url}/acme/present.git`);
  });

  it('is not confused with another one that has taken its name', async () => {
    const repository = await add('octo/app');
    await github.replace(repository);
    expect(await sourceOver(github).locate(itemAt(['octo', 'app']))).to.be.undefined;
  });

  it('is gone when it was deleted, or hidden from the token', async () => {
    const repository = await add('octo/app');
    await add('other/closed', { private: true });
    github.delete(repository);
    expect(await sourceOver(github).locate(itemAt(['octo', 'app']))).to.be.undefined;
    expect(await sourceOver(github).locate(itemAt(['other', 'closed'], '1002'))).to.be.undefined;
  });

  it('is blocked and not gone when it was taken down', async () => {
    await add('octo/app', { state: 'dmca' });
    const error = await failureOf(sourceOver(github).locate(itemAt(['octo', 'app'])));
    expect(error.code).to.equal('SourceBlocked');
    expect(error.message).to.include('Repository access blocked').and.include('dmca');
    expect(error.advice).to.include('https://github.com/github/dmca/');
  });

  it('is blocked where GitHub answers 451 without a word', async () => {
    github.faults.push(failWith({ status: 451 }));
    expect((await failureOf(sourceOver(github).locate(itemAt(['a', 'b'])))).code).to.equal('SourceBlocked');
  });

  it('is blocked where GitHub answers 403 and says that it has closed it', async () => {
    const body = JSON.stringify({ message: 'Repository access blocked', block: { reason: 'tos', html_url: null } });
    github.faults.push(failWith({ status: 403, headers: { 'content-type': 'application/json' }, body }));
    const error = await failureOf(sourceOver(github).locate(itemAt(['a', 'b'])));
    expect(error.code).to.equal('SourceBlocked');
    expect(error.message).to.include('tos');
  });

  it('stays selected when GitHub has disabled it, so that its backup fails and is seen to', async () => {
    await add('acme/app', { state: 'disabled' });
    const source = sourceOver(github, { settings: { owner: 'acme' } });
    const [listed] = (await source.inventory()).listed;
    expect(listed).not.to.have.property('skipped');
    const error = await failureOf(advertised(source.open(listed!.item)));
    expect(error.message).to.include('disabled by GitHub staff');
  });

  describe('that the token may not read', () => {
    const refusal = async (headers: Record<string, string>, message: string) => {
      const body = JSON.stringify({ message });
      github.faults.push(failWith({ status: 403, headers: { 'content-type': 'application/json', ...headers }, body }));
      return failureOf(sourceOver(github).locate(itemAt(['acme', 'app'])));
    };

    it('asks to authorise the token for single sign-on, without the link that is good for an hour', async () => {
      const sso = 'required; url=https://github.com/orgs/acme/sso?authorization_request=AAAA';
      const error = await refusal({ 'x-github-sso': sso }, 'Resource protected by organization SAML enforcement.');
      expect(error.code).to.equal('AccessDenied');
      expect(error.advice).to.include('Configure SSO').and.not.include('AAAA');
      expect(error.message).to.include('SAML enforcement').and.include('the repository with the id 1001');
    });

    it('names the permission that a fine-grained token lacks', async () => {
      const message = 'Resource not accessible by personal access token';
      const error = await refusal({ 'x-accepted-github-permissions': 'metadata=read' }, message);
      expect(error.code).to.equal('AccessDenied');
      expect(error.advice).to.include('metadata=read');
    });

    it('points to the IP allow list', async () => {
      const message =
        'Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled';
      expect((await refusal({}, message)).advice).to.include('IP allow list');
    });

    it('asks for read access otherwise', async () => {
      const error = await refusal({}, 'Must have admin rights');
      expect(error.advice).to.include('read access');
      expect(error.transient).to.be.false;
      expect(github.requests).to.have.length(1);
    });

    it("does not pass control characters of GitHub's on to the terminal", async () => {
      expect((await refusal({}, 'red \u001b[31m\nline')).message).to.match(/red[ -~]*line/);
    });
  });

  it('leaves the connections of the client that it was given open', async () => {
    await add('octo/app');
    const source = sourceOver(github);
    await source.locate(itemAt(['octo', 'app']));
    source.close();
    expect(await advertised(source.open(itemAt(['octo', 'app'])))).to.include('refs/');
  });
});
