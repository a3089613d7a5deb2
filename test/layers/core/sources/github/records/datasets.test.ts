import { expect } from 'chai';
import { useTemporaryFolders } from '../../../../../support/repositories.ts';
import { of, RecordsStage } from './stage.ts';

describe('datasets of GitHub that consist of records', () => {
  const temporaryFolder = useTemporaryFolders();
  let stage: RecordsStage;

  beforeEach(async function () {
    // The first one loads GitHub's schema, which is long.
    this.timeout(20_000);
    stage = await RecordsStage.start(await temporaryFolder());
  });

  afterEach(() => stage.github.close());

  /** What the snapshot of a day has of files, by their names: the bytes. */
  async function files(day: number): Promise<Record<string, string>> {
    const { chain, data } = await stage.manifest('releases', day);
    const found = [...chain, ...data].filter((one) => one.format === 'file');
    return Object.fromEntries(found.map(({ name, key }) => [name, stage.vault.objects.get(key)!.content.toString()]));
  }

  describe('releases', () => {
    beforeEach(() => {
      stage.content.release('v1', { 'app.zip': Buffer.from('one'), 'app.txt': Buffer.from('notes') });
    });

    it('keeps each asset, fetched without the token where GitHub sends elsewhere for it', async () => {
      const [, second] = stage.content.assets.values();
      second!.by = 'itself';
      expect(await stage.backUp('releases', 1)).to.include({ outcome: 'stored', kind: 'full' });
      expect(await files(1)).to.deep.equal({ 'app.zip': 'one', 'app.txt': 'notes' });
      expect((await stage.manifest('releases', 1)).omitted).to.deep.equal([]);
    });

    it('asks once where nothing has changed, and heeds no counter of downloads', async () => {
      await stage.backUp('releases', 1);
      stage.content.releases[0]!.assets[0]!.download_count = 77;
      expect(await stage.backUp('releases', 2)).to.include({ outcome: 'unchanged' });
      expect(stage.asked).to.deep.equal(['GET /repos/acme/api/releases']);
    });

    it('fetches only the asset that was replaced, and keeps both', async () => {
      await stage.backUp('releases', 1);
      stage.content.releases[0]!.assets.shift();
      const { assets } = stage.content.release('v2', { 'app.zip': Buffer.from('two') });
      expect(await stage.backUp('releases', 2)).to.include({ kind: 'incremental' });
      expect(stage.asked).to.deep.equal([
        'GET /repos/acme/api/releases',
        `GET /repos/acme/api/releases/assets/${assets[0]!.id}`,
      ]);
      const { chain, data } = await stage.manifest('releases', 2);
      expect([...chain, ...data].filter(({ format }) => format === 'file')).to.have.length(3);
    });

    it('takes no download that was cut off, or is other than its digest, for the asset', async () => {
      const [first, second] = stage.content.assets.values();
      first!.sent = Buffer.from('on');
      second!.sent = Buffer.from('nodes');
      await stage.backUp('releases', 1);
      const { omitted } = await stage.manifest('releases', 1);
      expect(omitted.map(({ what }) => what)).to.deep.equal(['app.zip', 'app.txt']);
      expect(await files(1)).to.deep.equal({});
      delete first!.sent;
      delete second!.sent;
      await stage.backUp('releases', 2);
      expect(await files(2)).to.deep.equal({ 'app.zip': 'one', 'app.txt': 'notes' });
    });

    it('keeps the last state of a release that was deleted', async () => {
      await stage.backUp('releases', 1);
      const [release] = stage.content.releases.splice(0);
      await stage.backUp('releases', 2);
      const record = (await stage.records('releases', 2)).get(`releases/${release!.id}`);
      expect(record).to.have.property('deleted');
      expect(of(record, 'tag_name')).to.equal('v1');
      expect(await files(2)).to.have.property('app.zip', 'one');
    });
  });

  describe('discussions', () => {
    it('keeps discussions with comments, replies and what was chosen as the answer', async () => {
      const number = stage.content.discussion('How do I install it?', 'Please tell');
      stage.content.discussionComment(number, 'By npm', ['Thank you', 'Works']);
      await stage.backUp('discussions', 1);
      const records = await stage.records('discussions', 1);
      expect([...records.values()].map(({ type }) => type)).to.deep.equal([
        'discussion',
        'discussion-comment',
        'discussion-reply',
        'discussion-reply',
      ]);
      expect(of(records.get(`discussions/${number}`), 'title')).to.equal('How do I install it?');
      expect(await stage.backUp('discussions', 2)).to.include({ outcome: 'unchanged' });
      expect(stage.asked).to.have.length(1);
      stage.content.discussions[0]!.comments[0]!.isAnswer = true;
      stage.content.discussionComment(number, 'Or by yarn');
      expect(await stage.backUp('discussions', 3)).to.include({ kind: 'incremental' });
      const answers = [...(await stage.records('discussions', 3)).values()].map((record) => of(record, 'isAnswer'));
      expect(answers.filter((is) => is === true)).to.have.length(1);
    });

    it('keeps who reacted to a discussion, a comment and a reply, and asks for no one again', async () => {
      const number = stage.content.discussion('How?');
      stage.content.discussionComment(number, 'So', ['Thank you']);
      const { id: comment, replies } = stage.content.discussions[0]!.comments[0]!;
      const reply = replies[0]!.id;
      for (const node of [`D_${number}`, `DC_${comment}`, `DC_${reply}`]) stage.content.reactTo(node, 'HEART', 'octo');
      await stage.backUp('discussions', 1);
      const base = `discussions/${number}`;
      const keys = [base, `${base}/comments/${comment}`, `${base}/comments/${comment}/replies/${reply}`];
      const records = await stage.records('discussions', 1);
      for (const key of keys) expect(of(records.get(`${key}/reactions`), 'reactions'), key).to.have.length(1);
      expect(await stage.backUp('discussions', 2)).to.include({ outcome: 'unchanged' });
      expect(stage.asked).to.have.length(1);
      stage.content.reactTo(`DC_${reply}`, 'HEART', 'guest');
      await stage.backUp('discussions', 3);
      const later = await stage.records('discussions', 3);
      expect(of(later.get(`${keys[2]!}/reactions`), 'reactions')).to.have.length(2);
    });

    it('keeps all of a discussion that is longer than a page, also below one comment', async () => {
      const number = stage.content.discussion('Long');
      for (let at = 0; at < 120; at++) stage.content.discussionComment(number, `Comment ${at}`);
      stage.content.discussionComment(
        number,
        'Last',
        Array.from({ length: 130 }, (_, at) => `Reply ${at}`),
      );
      await stage.backUp('discussions', 1);
      const { types = {} } = (await stage.manifest('discussions', 1)).records ?? {};
      expect(types['discussion-comment']).to.include({ stored: 121 });
      expect(types['discussion-reply']).to.include({ stored: 130 });
    });

    it('marks a comment that was deleted once its discussion is read again', async () => {
      const number = stage.content.discussion('How?');
      stage.content.discussionComment(number, 'So', ['Thank you']);
      await stage.backUp('discussions', 1);
      stage.content.discussions[0]!.comments.length = 0;
      stage.content.discussionComment(number, 'Otherwise');
      await stage.backUp('discussions', 2);
      const gone = [...(await stage.records('discussions', 2)).values()].filter(({ deleted }) => deleted !== undefined);
      expect(gone.map(({ type }) => type)).to.deep.equal(['discussion-comment', 'discussion-reply']);
    });
  });

  describe('settings', () => {
    const put = (path: string, value: unknown): void => void stage.content.settings.set(path, value);

    beforeEach(() => {
      put('/topics', { names: ['backup'] });
      put('/rulesets', [{ id: 7, name: 'main' }]);
      put('/rulesets/7', { id: 7, name: 'main', rules: [{ type: 'deletion' }] });
      put('/branches', [{ name: 'release/1', protected: true }]);
      put('/branches/release/1/protection', { enforce_admins: { enabled: true } });
      put('/hooks', [
        { id: 3, config: { url: 'https://ci.example', secret: '********' }, last_response: { code: 200 } },
      ]);
      put('/keys', [{ id: 4, title: 'deploy', key: 'ssh-ed25519 AAAA' }]);
      put('/autolinks', []);
      put('/environments', { total_count: 1, environments: [{ id: 5, name: 'production' }] });
      put('/actions/variables', { total_count: 1, variables: [{ name: 'REGION', value: 'eu' }] });
      put('/actions/secrets', { total_count: 1, secrets: [{ name: 'TOKEN' }] });
      put('/collaborators', [{ id: 9, login: 'guest' }]);
      put('/teams', []);
      put('/properties/values', [{ property_name: 'tier', value: '1' }]);
      put('/security-advisories', []);
    });

    it('keeps every part, each ruleset and protected branch in full', async () => {
      await stage.backUp('settings', 1);
      const records = await stage.records('settings', 1);
      expect([...records.keys()]).to.deep.equal([
        'branch-protection/release%2F1',
        'collaborator/9',
        'custom-properties',
        'deploy-key/4',
        'environment/5',
        'repository',
        'ruleset/7',
        'secret-name/TOKEN',
        'topics',
        'variable/REGION',
        'webhook/3',
      ]);
      expect(of(records.get('ruleset/7'), 'rules')).to.deep.equal([{ type: 'deletion' }]);
      expect((await stage.manifest('settings', 1)).omitted).to.deep.equal([]);
    });

    it('asks once where nothing has changed that GraphQL knows, and looks at everything once a week', async () => {
      await stage.backUp('settings', 1);
      put('/keys', []);
      expect(await stage.backUp('settings', 2)).to.include({ outcome: 'unchanged' });
      expect(stage.asked).to.deep.equal(['POST /api/graphql']);
      expect(await stage.backUp('settings', 9)).to.include({ kind: 'incremental' });
      expect((await stage.records('settings', 9)).get('deploy-key/4')).to.have.property('deleted');
    });

    it('reads every part again where one has changed', async () => {
      await stage.backUp('settings', 1);
      put('graphql', { homepageUrl: 'https://acme.example' });
      put('/keys', []);
      expect(await stage.backUp('settings', 2)).to.include({ kind: 'incremental' });
    });

    it('leaves out the part that the token may not read, by the permission, and no other', async () => {
      stage.github.refusals.set('/hooks', {
        status: 403,
        body: { message: 'Resource not accessible by integration' },
        headers: { 'x-accepted-github-permissions': 'repository_hooks=read' },
      });
      stage.github.refusals.set('/actions/secrets', { status: 404, body: { message: 'Not Found' } });
      await stage.backUp('settings', 1);
      const { omitted, records } = await stage.manifest('settings', 1);
      expect(omitted).to.deep.equal([
        { what: 'webhook', why: 'the token lacks repository_hooks:read' },
        { what: 'secret-name', why: 'not there, or the token may not see it (it takes secrets:read)' },
      ]);
      expect(records?.types['deploy-key']).to.include({ stored: 1, complete: true });
      await stage.backUp('settings', 2);
      expect((await stage.manifest('settings', 2)).omitted).to.deep.equal(omitted);
      expect(stage.asked).to.have.length(1);
    });

    it('keeps no token that GitHub gives along with a repository', async () => {
      stage.github.temporaryCloneToken = 'AAAAsecretAAAA';
      await stage.backUp('settings', 1);
      for (const line of (await stage.records('settings', 1)).values())
        expect(JSON.stringify(line)).not.to.include('AAAAsecretAAAA');
    });
  });
});
