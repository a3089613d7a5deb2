import { expect } from 'chai';
import { dropPage, repeatPage } from '../../../../support/github/state.ts';
import { seedGitHub, type GitHub } from '../../../../support/github-server.ts';
import { failWith } from '../../../../support/git-faults.ts';
import { useTemporaryFolders } from '../../../../support/repositories.ts';
import { failureOf, names, sourceOver, startStage } from './stage.ts';

describe('paging through GitHub', () => {
  const folder = useTemporaryFolders();
  let github: GitHub;

  before(async () => {
    github = await startStage(await folder());
    await seedGitHub(github, { owner: 'acme', repositories: 250, shape: { commits: 1 } });
  });

  beforeEach(() => {
    github.requests.length = 0;
    github.faults.length = 0;
    github.changePages = (pages) => pages;
  });

  after(() => github.close());

  const inventory = () => sourceOver(github, { settings: { owner: 'acme' } }).inventory();
  const pagesAsked = () =>
    github.requests.filter(({ path }) => path.endsWith('/repos')).map(({ query }) => query.get('page'));

  it('lists 250 repositories by three requests, oldest first', async () => {
    const { listed, warnings } = await inventory();
    expect(listed).to.have.length(250);
    expect(names(listed)).to.deep.equal(names(listed).toSorted());
    expect(warnings).to.deep.equal([]);
    expect(pagesAsked()).to.deep.equal(['1', '2', '3']);
  });

  it('keeps what GitHub repeats once, and says so', async () => {
    github.changePages = repeatPage(2);
    const { listed, warnings } = await inventory();
    expect(new Set(listed.map(({ item }) => item.id))).to.have.property('size', 250);
    expect(listed).to.have.length(250);
    expect(warnings).to.deep.equal(['GitHub listed 100 repositories (acme/repository-0101, …) twice; kept once']);
  });

  it('notices a missing page by the number of repositories that the account has', async () => {
    github.changePages = dropPage(2);
    const { listed, warnings } = await inventory();
    expect(listed).to.have.length(150);
    expect(warnings.join()).to.include('public repositories of acme: GitHub counts 250 and listed 150');
  });

  it('notices an empty page in the middle', async () => {
    github.changePages = ([first = [], , ...rest]) => [first, [], ...rest];
    const { listed, warnings } = await inventory();
    expect(listed).to.have.length(150);
    expect(warnings.join()).to.include('page 2 of 3 held 0 repositories instead of 100');
  });

  it('notices that pages end before the one that was announced as the last', async () => {
    let asked = 0;
    github.changePages = (pages) => (++asked === 1 ? pages : pages.slice(0, 2));
    const { warnings } = await inventory();
    expect(pagesAsked()).to.deep.equal(['1', '2', '3']);
    expect(warnings.join()).to.include('page 3 of 3 held 0 repositories');
  });

  it('goes on behind a full page that a proxy has robbed of its links', async () => {
    const page = async (number: number) => {
      const url = `${github.apiUrl}/orgs/acme/repos?per_page=100&sort=created&direction=asc&page=${number}`;
      return (await fetch(url)).text();
    };
    const headers = { 'content-type': 'application/json' };
    const first = failWith({ status: 200, headers, body: await page(1) }, { path: /repos$/, times: 1 });
    github.requests.length = 0;
    github.faults.push(first);
    expect((await inventory()).listed).to.have.length(250);
  });

  it('fails where every page is the same and there is no end', async () => {
    github.changePages = ([first = []]) => Array.from({ length: 1000 }, () => first);
    const error = await failureOf(inventory());
    expect(error.code).to.equal('ProtocolViolation');
    expect(github.requests.length).to.be.below(20);
  });

  it('warns of organisations that hide behind their single sign-on', async () => {
    const headers = {
      'content-type': 'application/json',
      'x-github-sso': 'partial-results; organizations=21955855,20582480',
    };
    github.faults.push(failWith({ status: 200, headers, body: '[]' }, { path: /repos$/ }));
    const { warnings } = await inventory();
    expect(warnings.join()).to.include('21955855, 20582480');
  });

  it('compares private repositories where GitHub tells their number', async () => {
    const body = JSON.stringify({
      id: 3,
      login: 'acme',
      type: 'Organization',
      public_repos: 250,
      owned_private_repos: 3,
    });
    const headers = { 'content-type': 'application/json' };
    github.faults.push(failWith({ status: 200, headers, body }, { path: /^\/orgs\/acme$/ }));
    const { warnings } = await inventory();
    expect(warnings).to.deep.equal([
      'private repositories of acme: GitHub counts 3 and listed 0; a page may be missing, or the token may not see all',
    ]);
  });
});
