import { expect } from 'chai';
import { accountItem, gistItem } from '#core/sources/github/accounts/account-item.ts';
import { parseDatasets } from '#core/sources/github/datasets/selection.ts';
import { fixedToken } from '#core/sources/hosting/token.ts';
import type { AccountContent } from '../../../../../support/github/records/account-content.ts';
import { GitHubApp } from '../../../../../support/github/app.ts';
import { useTemporaryFolders } from '../../../../../support/repositories.ts';
import { failureOf, names, sourceOver, token } from '../stage.ts';
import { of, RecordsStage } from './stage.ts';

describe('what an account at GitHub has beside its repositories', () => {
  const temporaryFolder = useTemporaryFolders();
  let stage: RecordsStage;

  beforeEach(async function () {
    // The first one loads GitHub's schema, which is long.
    this.timeout(20_000);
    stage = await RecordsStage.start(await temporaryFolder());
  });

  afterEach(() => stage.github.close());

  const account = (login: string) => stage.github.findAccount(login)!;

  async function inventory(owner: string | undefined, words: string[] = [], more = {}) {
    const datasets = parseDatasets(words, '--datasets');
    const source = sourceOver(stage.github, { settings: { owner, datasets, ...more }, token: fixedToken(token, 'it') });
    const { listed, warnings } = await source.inventory();
    return { below: names(listed).filter((name) => name.includes('@')), warnings };
  }

  describe('in the inventory', () => {
    it('are items below the account, those that such an account can have', async () => {
      await stage.github.addGist('octo', 'aa11');
      await stage.github.addGist('octo', 'bb22', { isPublic: false });
      expect((await inventory('acme')).below).to.deep.equal(['acme/@organization', 'acme/@projects']);
      const user = await inventory('octo');
      expect(user.below).to.deep.equal(['octo/@projects', 'octo/@gists', 'octo/@gists/aa11', 'octo/@gists/bb22']);
      expect(user.warnings.join()).not.to.include('gist');
      expect((await inventory(undefined)).below).to.deep.equal(user.below);
      expect((await inventory('acme', ['!projects'])).below).to.deep.equal(['acme/@organization']);
    });

    it('hold only the public gists of another user, and say so', async () => {
      await stage.github.addGist('guest', 'aa11');
      await stage.github.addGist('guest', 'bb22', { isPublic: false });
      const { below, warnings } = await inventory('guest');
      expect(below).to.include('guest/@gists/aa11').and.not.include('guest/@gists/bb22');
      expect(warnings).to.include('the token is not that of guest, so only public gists are listed');
    });

    it('leave out what is others’ unless it is asked for by name', async () => {
      await stage.github.addGist('guest', 'aa11');
      stage.github.accountContent('octo').starredGists.push('aa11');
      expect((await inventory('octo')).below).not.to.include('octo/@starred');
      expect((await inventory('octo', ['starred, followers'])).below).to.deep.equal([
        'octo/@starred',
        'octo/@followers',
        'octo/@gists/aa11',
      ]);
      expect((await inventory('octo', ['all, watched'])).below).to.include.members(['octo/@gists', 'octo/@watched']);
    });

    it('are left out of a run that is meant for some repositories, unless asked for by name', async () => {
      expect((await inventory('acme', [], { include: ['api'] })).below).to.deep.equal([]);
      const named = await inventory('acme', ['organization'], { include: ['api'] });
      expect(named.below).to.deep.equal(['acme/@organization']);
    });

    it('are warned of where the credential is known to lack a right, with what gives it', async () => {
      stage.github.scopes.set(token, 'repo');
      const { below, warnings } = await inventory('acme');
      expect(below).to.deep.equal([]);
      expect(warnings).to.deep.equal([
        'organization is not kept: the token lacks the scope read:org or write:org or admin:org',
        'projects is not kept: the token lacks the scope read:project or project',
      ]);
      expect((await inventory('acme', ['projects'])).below).to.deep.equal(['acme/@projects']);
    });

    it('cost nothing else where the list of gists cannot be read', async () => {
      stage.github.faultOfQuery = () => ({ status: 403, body: { message: 'Resource not accessible' } });
      const { below, warnings } = await inventory('octo');
      expect(below).to.deep.equal(['octo/@projects', 'octo/@gists']);
      expect(warnings.join()).to.include('the Git repositories of gists are not listed, and so not kept');
    });

    it('name what no app is given', async () => {
      const app = new GitHubApp({ id: 7, account: 'guest', permissions: { contents: 'read', metadata: 'read' } });
      stage.github.app = app;
      const permissions = { contents: 'read', metadata: 'read' };
      const installation = { id: 7, account: { id: 102, login: 'guest', type: 'User' }, app_slug: 'it', permissions };
      const source = sourceOver(stage.github, {
        settings: { owner: 'guest', datasets: undefined },
        token: fixedToken(app.mint(7).token, 'it'),
        app: { installation: () => Promise.resolve({ ...installation, repository_selection: 'all' }) },
      });
      const { listed, warnings } = await source.inventory();
      expect(names(listed).filter((name) => name.includes('@'))).to.deep.equal([]);
      expect(warnings).to.include('gists is not kept: GitHub shows gists to no app; a classic token would do');
    });
  });

  describe('as an organisation', () => {
    let content: AccountContent;
    const item = () => accountItem(account('acme'), 'organization');
    const put = (path: string, value: unknown): void => void content.settings.set(path, value);

    beforeEach(() => {
      content = stage.github.accountContent('acme');
      put('/members?role=admin', [{ id: 1, login: 'octo' }]);
      put('/members?role=member', [{ id: 2, login: 'guest' }]);
      put('/outside_collaborators', []);
      put('/teams', [{ id: 5, name: 'Core', slug: 'core' }]);
      put('/teams/core/members?role=maintainer', [{ id: 1, login: 'octo' }]);
      put('/teams/core/members?role=member', [{ id: 2, login: 'guest' }]);
      put('/teams/core/repos', [{ id: 1001, full_name: 'acme/api', role_name: 'write', stargazers_count: 1 }]);
      put('/rulesets', [{ id: 7, name: 'main' }]);
      put('/rulesets/7', { id: 7, name: 'main', rules: [{ type: 'deletion' }] });
      put('/hooks', [{ id: 3, config: { url: 'https://ci.example', secret: '********' } }]);
      put('/properties/schema', [{ property_name: 'tier', value_type: 'string' }]);
      put('/actions/variables', { total_count: 1, variables: [{ name: 'REGION', value: 'eu' }] });
      put('/actions/secrets', { total_count: 1, secrets: [{ name: 'TOKEN' }] });
      put('/issue-types', [{ id: 8, name: 'Bug' }]);
      put('/organization-roles', { total_count: 0, roles: [] });
      put('/installations', { total_count: 1, installations: [{ id: 9, app_slug: 'ci' }] });
      for (const type of ['npm', 'maven', 'rubygems', 'docker', 'nuget', 'container'])
        put(`/packages?package_type=${type}`, type === 'npm' ? [{ id: 11, name: 'app' }] : []);
    });

    it('keeps its settings, people, teams with their members and repositories, and its packages’ list', async () => {
      expect(await stage.backUpAs(item(), 1)).to.include({ outcome: 'stored', kind: 'full' });
      const records = await stage.records(item(), 1);
      expect([...records.keys()]).to.deep.equal([
        'app-installation/9',
        'custom-property/tier',
        'issue-type/8',
        'member/2',
        'npm-package/11',
        'organization',
        'owner/1',
        'ruleset/7',
        'secret-name/TOKEN',
        'team/5',
        'team/5/maintainers/1',
        'team/5/members/2',
        'team/5/repositories/1001',
        'variable/REGION',
        'webhook/3',
      ]);
      const manifest = await stage.manifest(item(), 1);
      expect(manifest.omitted).to.deep.equal([]);
      expect(manifest.item).to.deep.include({ id: '@103.organization', path: ['acme', '@organization'] });
      for (const [type, state] of Object.entries(manifest.records?.types ?? {}))
        expect(state, type).to.include({ complete: true });
    });

    it('asks once where nothing has changed, and keeps the last state of who left', async () => {
      await stage.backUpAs(item(), 1);
      expect(await stage.backUpAs(item(), 2)).to.include({ outcome: 'unchanged' });
      expect(stage.asked).to.deep.equal(['POST /api/graphql']);
      put('/teams/core/members?role=member', []);
      content.fields['description'] = 'Changed';
      expect(await stage.backUpAs(item(), 3)).to.include({ kind: 'incremental' });
      const gone = (await stage.records(item(), 3)).get('team/5/members/2');
      expect(gone).to.have.property('deleted');
      expect(of(gone, 'login')).to.equal('guest');
    });

    it('names each part that may not be read, and keeps the others', async () => {
      stage.github.refusals.set('/hooks', { status: 404, body: { message: 'Not Found' } });
      stage.github.refusals.set('/teams/core/repos', {
        status: 403,
        body: { message: 'Resource not accessible by personal access token' },
        headers: { 'x-accepted-github-permissions': 'members=read' },
      });
      const why = [
        { what: 'team-repository', why: 'the token lacks members:read' },
        { what: 'webhook', why: 'not there, or the token may not see it (it takes organization_hooks:read)' },
      ];
      for (const day of [1, 2]) {
        await stage.backUpAs(item(), day);
        const { omitted, records } = await stage.manifest(item(), day);
        expect(omitted.toSorted((a, b) => (a.what < b.what ? -1 : 1))).to.deep.equal(why);
        expect(records?.types['team-member']).to.include({ stored: 1, complete: true });
      }
    });

    it('fails where another account has its name', async () => {
      content.fields['databaseId'] = 999;
      expect((await failureOf(stage.backUpAs(item(), 1))).message).to.include('another account');
    });
  });

  describe('as projects', () => {
    const item = () => accountItem(account('acme'), 'projects');

    it('keeps fields, views, workflows and every item with what stands in its fields', async () => {
      const content = stage.github.accountContent('acme');
      const project = content.project('Roadmap');
      content.projectItem(project, 'An idea', { Status: 'Todo', Estimate: 3 });
      content.projectItem(project, 17);
      for (let at = 0; at < 120; at++) content.projectItem(project, `Idea ${at}`);
      await stage.backUpAs(item(), 1);
      const records = await stage.records(item(), 1);
      expect(JSON.stringify(of(records.get('projects/1'), 'views')))
        .to.include('BOARD_LAYOUT')
        .and.include('Status');
      expect(JSON.stringify(of(records.get('projects/1'), 'fields'))).to.include('Todo');
      const { types = {} } = (await stage.manifest(item(), 1)).records ?? {};
      expect(types['project-item']).to.include({ stored: 122, complete: true });
      const [first] = project.items;
      const draft = records.get(`projects/1/items/${first!.id}`);
      expect(of(draft, 'content')).to.include({ title: 'An idea' });
      expect(JSON.stringify(of(draft, 'fieldValues'))).to.include('"number":3');
      expect(await stage.backUpAs(item(), 2)).to.include({ outcome: 'unchanged' });
      expect(stage.asked).to.have.length(1);
      project.items.shift();
      content.projectItem(project, 'Another');
      expect(await stage.backUpAs(item(), 3)).to.include({ kind: 'incremental' });
      expect((await stage.records(item(), 3)).get(`projects/1/items/${first!.id}`)).to.have.property('deleted');
      content.projects.splice(0);
      await stage.backUpAs(item(), 9);
      expect((await stage.records(item(), 9)).get('projects/1')).to.have.property('deleted');
    });

    it('fail by what the token lacks', async () => {
      stage.github.refusesProjects = true;
      expect((await failureOf(stage.backUpAs(item(), 1))).message).to.equal(
        'nothing of acme/@projects can be read: the token may not read it (it takes organization_projects:read)',
      );
    });
  });

  describe('as gists', () => {
    const item = () => accountItem(account('octo'), 'gists');

    it('keeps each as a Git repository, by the same token', async () => {
      await stage.github.addGist('octo', 'aa11', { isPublic: false });
      const gist = gistItem(account('octo'), 'aa11');
      expect(await stage.backUpAs(gist, 1)).to.include({ outcome: 'stored', kind: 'full' });
      expect(await stage.backUpAs(gist, 2)).to.include({ outcome: 'unchanged' });
      const gone = await failureOf(stage.backUpAs(gistItem(account('octo'), 'cc33'), 2));
      expect(gone.code).to.equal('SourceMissing');
    });

    it('keeps what is said about each, and the last state of what is deleted', async () => {
      const first = await stage.github.addGist('octo', 'aa11');
      const content = stage.github.accountContent('octo');
      for (let at = 0; at < 130; at++) content.commentOnGist(first, `Comment ${at}`);
      await stage.github.addGist('octo', 'bb22', { description: 'Notes' });
      await stage.backUpAs(item(), 1);
      const { types = {} } = (await stage.manifest(item(), 1)).records ?? {};
      expect(types['gist-comment']).to.include({ stored: 130, complete: true });
      expect(of((await stage.records(item(), 1)).get('gists/bb22'), 'description')).to.equal('Notes');
      expect(await stage.backUpAs(item(), 2)).to.include({ outcome: 'unchanged' });
      expect(stage.asked).to.have.length(1);
      const [gone] = first.comments.splice(0, 1);
      content.commentOnGist(first, 'One more');
      expect(await stage.backUpAs(item(), 3)).to.include({ kind: 'incremental' });
      expect((await stage.records(item(), 3)).get(`gists/aa11/comments/${gone!.id}`)).to.have.property('deleted');
      content.gists.pop();
      await stage.backUpAs(item(), 9);
      expect((await stage.records(item(), 9)).get('gists/bb22')).to.have.property('deleted');
    });
  });

  it('as stars, what is watched, and who follows, keeps the lists', async () => {
    const content = stage.github.accountContent('octo');
    content.settings.set('/starred', [{ id: 1001, full_name: 'acme/api', stargazers_count: 7 }]);
    content.settings.set('/subscriptions', [{ id: 1001, full_name: 'acme/api' }]);
    content.settings.set('/followers', [{ id: 2, login: 'guest' }]);
    content.settings.set('/following', []);
    for (const [dataset, key] of [
      ['starred', 'starred-repository/1001'],
      ['watched', 'watched-repository/1001'],
      ['followers', 'follower/2'],
    ] as const) {
      const item = accountItem(account('octo'), dataset);
      await stage.backUpAs(item, 1);
      expect([...(await stage.records(item, 1)).keys()]).to.deep.equal([key]);
    }
  });
});
