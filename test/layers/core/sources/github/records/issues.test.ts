import { expect } from 'chai';
import { HttpClient } from '#core/runtime/http.ts';
import { useTemporaryFolders } from '../../../../../support/repositories.ts';
import { failureOf, noToken } from '../stage.ts';
import { dayId, of, RecordsStage } from './stage.ts';

describe("issues and pull requests, as GitHub's dataset", () => {
  const temporaryFolder = useTemporaryFolders();
  let stage: RecordsStage;

  beforeEach(async function () {
    // The first one loads GitHub's schema, which is long.
    this.timeout(20_000);
    stage = await RecordsStage.start(await temporaryFolder());
    const { content } = stage;
    const bug = content.openIssue('It breaks', 'When I press the button');
    content.comment(bug, 'Which button?', 'guest');
    const pull = content.openPull('Mend the button');
    content.comment(pull, 'Thank you');
    content.reviewComment(pull, 'A typo here', 'guest');
    content.review(pull, 'APPROVED', 'Good');
    content.label('bug');
    content.milestone('1.0');
  });

  afterEach(() => stage.github.close());

  const issues = (day: number, settings = {}) => stage.backUp('issues', day, settings);

  it('keeps all that is said of an issue below its number, as GitHub gives it', async () => {
    expect(await issues(1)).to.deep.include({ outcome: 'stored', kind: 'full' });
    const records = await stage.records('issues', 1);
    const keys = [...records.keys()].map((key) => key.replace(/(comments|reviews|threads|labels)\/.*/, '$1/…'));
    expect(keys).to.deep.equal([
      'issues/1',
      'issues/1/comments/…',
      'issues/1/timeline',
      'issues/2',
      'issues/2/comments/…',
      'issues/2/pull',
      'issues/2/review-comments/…',
      'issues/2/reviews/…',
      'issues/2/threads/…',
      'issues/2/timeline',
      'labels/…',
      'milestones/1',
    ]);
    expect(records.get('issues/1')).to.deep.equal({
      key: 'issues/1',
      type: 'issue',
      api: '2022-11-28',
      record: stage.content.issues.get(1),
    });
    const { types = {} } = (await stage.manifest('issues', 1)).records ?? {};
    for (const [type, state] of Object.entries(types)) expect(state, type).to.include({ complete: true });
    expect(types['issue']).to.include({ stored: 2, watermark: stage.content.issues.get(2)!.updated_at });
  });

  it('asks three times where nothing has changed', async () => {
    await issues(1);
    expect(await issues(2)).to.include({ outcome: 'unchanged' });
    expect(stage.asked).to.deep.equal([
      'POST /api/graphql',
      'GET /repos/acme/api/issues/comments',
      'GET /repos/acme/api/pulls/comments',
    ]);
  });

  it('stores what was said, edited and closed since, and nothing else', async () => {
    await issues(1);
    const [comment] = stage.content.comments.keys();
    stage.content.editComment(comment!, 'Which of the two buttons?');
    stage.content.editIssue(1, { state: 'closed', title: 'It broke' });
    stage.content.threads[0]!.isResolved = true;
    stage.content.review(2, 'CHANGES_REQUESTED');
    expect(await issues(2)).to.include({ outcome: 'stored', kind: 'incremental' });
    const { data } = await stage.manifest('issues', 2);
    const records = await stage.records('issues', 2);
    expect(of(records.get('issues/1'), 'title')).to.equal('It broke');
    expect(of(records.get(`issues/1/comments/${comment}`), 'body')).to.equal('Which of the two buttons?');
    const thread = [...records.values()].find(({ type }) => type === 'review-thread');
    expect(of(thread, 'isResolved')).to.equal(true);
    // The issue, its timeline's date, the comment; the pull request twice, its timeline, the review, the thread.
    expect(data[0]).to.include({ lines: 8 });
    const before = await stage.records('issues', 1);
    expect(of(before.get('issues/1'), 'title')).to.equal('It breaks');
    expect(of(before.get(`issues/1/comments/${comment}`), 'body')).to.equal('Which button?');
  });

  it('finds a deleted issue and a deleted comment within a week, and keeps their last state', async () => {
    await issues(1);
    const [, second] = stage.content.comments.keys();
    stage.content.removeIssue(1);
    stage.content.comments.delete(second!);
    expect(await issues(2)).to.include({ outcome: 'unchanged' });
    expect(await issues(9)).to.include({ outcome: 'stored', kind: 'incremental' });
    const records = await stage.records('issues', 9);
    const gone = [...records.values()].filter(({ deleted }) => deleted !== undefined).map(({ key }) => key);
    expect(gone).to.include.members(['issues/1', 'issues/1/timeline', `issues/2/comments/${second}`]);
    expect(gone).not.to.include('issues/2');
    expect(of(records.get('issues/1'), 'title')).to.equal('It breaks');
    expect(await issues(10)).to.include({ outcome: 'unchanged' });
  });

  it('misses nothing that is edited while it is listed', async () => {
    for (let number = 0; number < 250; number++) stage.content.openIssue(`One of many ${number}`);
    let edited = 0;
    stage.github.changeRecords = (path) => {
      // Whatever was on the first page moves behind the last.
      if (path === '/issues' && edited < 60) stage.content.editIssue(3 + edited++, { state: 'closed' });
    };
    await issues(1);
    stage.github.changeRecords = undefined;
    const records = await stage.records('issues', 1);
    const numbers = [...records.values()].filter(({ type }) => type === 'issue');
    expect(numbers).to.have.length(252);
  });

  it('comes past the page where GitHub ends its lists, also where thousands were changed in one second', async function () {
    this.timeout(20_000);
    const at = stage.content.tick();
    for (let number = 0; number < 450; number++) stage.content.openIssue(`One of many ${number}`);
    for (let number = 50; number < 350; number++) stage.content.issues.get(number)!.updated_at = at;
    stage.github.lastPage = 4;
    await issues(1);
    const { types = {} } = (await stage.manifest('issues', 1)).records ?? {};
    expect(types['issue']).to.include({ stored: 452, complete: true });
  });

  it('keeps pull requests where issues are switched off, and says so', async () => {
    const answer = { status: 410, body: { message: 'Issues has been disabled in this repository.' } };
    stage.github.refusals.set('/issues', answer);
    await issues(1);
    const { omitted, records } = await stage.manifest('issues', 1);
    expect(omitted).to.deep.equal([{ what: 'issue', why: 'switched off' }]);
    expect(records?.types['pull-request']).to.include({ stored: 1, complete: true });
    expect(records?.types['issue']).to.include({ stored: 0, complete: false });
  });

  it('names the permission that is lacking, and keeps what was stored before', async () => {
    await issues(1);
    stage.github.refusals.set('/pulls/comments', {
      status: 403,
      body: { message: 'Resource not accessible by personal access token' },
      headers: { 'x-accepted-github-permissions': 'pull_requests=read' },
    });
    await issues(2);
    const { omitted, records } = await stage.manifest('issues', 2);
    expect(omitted).to.deep.equal([{ what: 'review-comment', why: 'the token lacks pull_requests:read' }]);
    expect(records?.types['review-comment']).to.include({ stored: 1, deleted: 0, complete: false });
  });

  it('takes what REST gives where GraphQL answers nothing to the token', async () => {
    stage.github.faultOfQuery = () => ({
      status: 200,
      body: { data: null, errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }] },
    });
    await issues(1);
    const { omitted, records } = await stage.manifest('issues', 1);
    expect(records?.types['issue']).to.include({ stored: 2, complete: true });
    expect(omitted.map(({ what }) => what)).to.include.members(['issue-timeline', 'review', 'review-thread']);
  });

  it('asks for half as much where a page is too heavy for GitHub, by whatever sign', async () => {
    for (let number = 0; number < 20; number++) stage.content.openIssue(`One of many ${number}`);
    const lengths: unknown[] = [];
    stage.github.faultOfQuery = (query, { first }) => {
      if (typeof first !== 'number' || !query.includes('issues(first')) return undefined;
      lengths.push(first);
      if (first > 50) return { status: 502, body: { message: 'Bad Gateway' } };
      if (first > 20)
        return { status: 200, body: { data: { repository: null }, errors: [{ message: 'Something went wrong' }] } };
      return undefined;
    };
    await issues(1);
    expect(lengths).to.deep.equal([100, 50, 25, 12, 12]);
    expect((await stage.manifest('issues', 1)).records?.types['issue-timeline']).to.include({ stored: 21 });
  });

  it('goes on with a new token where the old one ends in the middle', async () => {
    let current = 'ghs_first';
    stage.github.addToken('ghs_first', 'octo');
    stage.github.changeRecords = (path) => {
      if (path !== '/pulls' || current !== 'ghs_first') return;
      current = 'ghs_second';
      stage.github.rotateToken('ghs_first', 'ghs_second');
    };
    await issues(1, { token: () => Promise.resolve(current) });
    const { types = {} } = (await stage.manifest('issues', 1)).records ?? {};
    expect(types['label']).to.include({ stored: 1, complete: true });
  });

  it('keeps who reacted how, and which issues are below which, however many', async () => {
    const epic = stage.content.openIssue('Epic');
    const below = Array.from({ length: 60 }, (_, at) => stage.content.openIssue(`Part ${at}`));
    for (const child of below) stage.content.subIssue(epic, child);
    stage.content.react(2, 'HEART', 'octo');
    for (let at = 0; at < 120; at++) stage.content.react(epic, 'THUMBS_UP', `user-${at}`);
    await issues(1);
    const records = await stage.records('issues', 1);
    expect(of(records.get(`issues/${epic}/timeline`), 'subIssues')).to.have.length(60);
    expect(of(records.get(`issues/${epic}/timeline`), 'reactions')).to.have.length(120);
    expect(of(records.get(`issues/${below[7]!}/timeline`), 'parent')).to.deep.include({ number: epic });
    expect(of(records.get('issues/2/timeline'), 'reactions')).to.deep.include.members([
      { content: 'HEART', createdAt: stage.content.reactions.get(2)![0]!.at, user: { login: 'octo' } },
    ]);
    stage.content.react(1, 'HEART');
    expect(await issues(2)).to.include({ outcome: 'unchanged' });
    await issues(9);
    expect(of((await stage.records('issues', 9)).get('issues/1/timeline'), 'reactions')).to.have.length(1);
  });

  it('keeps who reacted to comments, reviews and comments on commits, and asks for no one again', async () => {
    const { content } = stage;
    const [comment] = content.comments.values();
    const [line] = content.reviewComments.values();
    const review = content.reviews[0]!;
    const commit = content.commitComment('Fine');
    for (let at = 0; at < 120; at++) content.reactTo(comment!.node_id, 'THUMBS_UP', `user-${at}`);
    for (const node of [line!.node_id, `PRR_${review.id}`, commit.node_id]) content.reactTo(node, 'HEART', 'octo');
    await issues(1);
    const records = await stage.records('issues', 1);
    expect(of(records.get(`issues/1/comments/${comment!.id}/reactions`), 'reactions')).to.have.length(120);
    for (const key of [
      `issues/2/review-comments/${line!.id}/reactions`,
      `issues/2/reviews/${review.id}/reactions`,
      `commit-comments/${commit.id}/reactions`,
    ])
      expect(JSON.stringify(of(records.get(key), 'reactions')), key).to.include('"login":"octo"');
    expect(await issues(2)).to.include({ outcome: 'unchanged' });
    expect(stage.asked).to.have.length(3);
    // A reaction moves no time, so they are seen when everything is looked at.
    content.reactionsTo.delete(line!.node_id);
    delete line!.reactions;
    content.reactTo(comment!.node_id, 'HEART', 'late');
    await issues(9);
    const later = await stage.records('issues', 9);
    expect(of(later.get(`issues/1/comments/${comment!.id}/reactions`), 'reactions')).to.have.length(121);
    expect(later.get(`issues/2/review-comments/${line!.id}/reactions`)).to.have.property('deleted');
  });

  it('keeps which issues block another and which it blocks, and what blocked it before', async () => {
    const { content } = stage;
    const blocked = content.openIssue('Waits');
    const [first, second] = [content.openIssue('First'), content.openIssue('Second')];
    content.block(blocked, first);
    content.block(blocked, second);
    await issues(1);
    const records = await stage.records('issues', 1);
    const keys = [...records.keys()].filter((key) => /block/.test(key));
    expect(keys).to.deep.equal([
      `issues/${blocked}/blocked-by/${100_000 + first}`,
      `issues/${blocked}/blocked-by/${100_000 + second}`,
      `issues/${first}/blocking/${100_000 + blocked}`,
      `issues/${second}/blocking/${100_000 + blocked}`,
    ]);
    expect(of(records.get(keys[0]!), 'number')).to.equal(first);
    expect(await issues(2)).to.include({ outcome: 'unchanged' });
    expect(stage.asked).to.have.length(3);
    content.unblock(blocked, first);
    await issues(3);
    const later = await stage.records('issues', 3);
    expect(keys.filter((key) => later.get(key)?.deleted !== undefined)).to.deep.equal([keys[0], keys[2]]);
  });

  it('asks for nothing again that it had when it was stopped', async () => {
    for (let number = 0; number < 250; number++)
      stage.content.comment(stage.content.openIssue(`Issue ${number}`), 'Yes');
    const stopping = new AbortController();
    stage.github.changeRecords = (path) => {
      if (path === '/issues/comments' && stage.asked.filter((one) => one.endsWith(path)).length > 1) stopping.abort();
    };
    const { signal } = stopping;
    const failure = await failureOf(issues(1, { http: new HttpClient({ signal }), signal }));
    expect(failure.code).to.equal('Interrupted');
    expect(failure.message).to.include('what came before is kept');
    expect(await issues(2)).to.include({ outcome: 'stored', kind: 'incremental' });
    expect(stage.asked).not.to.include('GET /repos/acme/api/issues');
    expect(stage.asked.filter((one) => one.endsWith('/graphql'))).to.have.length(1);
    expect(stage.asked.filter((one) => one.endsWith('/issues/comments'))).to.have.length(2);
    const { types = {}, reconciled } = (await stage.manifest('issues', 2)).records ?? {};
    expect(types['issue-comment']).to.include({ stored: stage.content.comments.size, complete: true });
    // From here on what is deleted is looked for once a week.
    expect(reconciled).to.equal(dayId(2));
  });

  it('fails, and stores nothing, where another repository has taken the name', async () => {
    await issues(1);
    const item = { ...stage.item('issues'), id: '9.issues' };
    const failure = await failureOf(stage.backUpAs(item, 2));
    expect(failure.code).to.equal('SourceMissing');
  });

  it('fails where nothing at all may be read', async () => {
    stage.repository.private = true;
    stage.repository.collaborators = [];
    const failure = await failureOf(issues(1, { token: noToken }));
    expect(failure.code).to.equal('AccessDenied');
  });

  it('keeps text of every sort as it came', async () => {
    const body = `\u0000\u001b[31m\ud800\u202e${'ü'.repeat(65_536)}`;
    stage.content.editIssue(1, { body });
    await issues(1);
    expect(of((await stage.records('issues', 1)).get('issues/1'), 'body')).to.equal(body);
  });

  it('goes on with its chain under the name that the repository got', async () => {
    await issues(1);
    stage.github.rename(stage.repository, 'acme/product');
    stage.content.comment(1, 'Said after the renaming');
    expect(await issues(2)).to.include({ outcome: 'stored', kind: 'incremental' });
    const { warnings, item } = await stage.manifest('issues', 2);
    expect(item.name).to.equal('acme/product/issues');
    expect(warnings).to.deep.equal(['renamed: it was stored as acme/api/issues before']);
  });

  it('waits and goes on where GraphQL says by an answer of 200 that its limit is spent', async () => {
    let refused = 0;
    stage.github.faultOfQuery = () =>
      refused++ > 0
        ? undefined
        : {
            status: 200,
            body: { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] },
            headers: { 'retry-after': '1' },
          };
    await issues(1);
    expect(refused).to.be.greaterThan(1);
    expect((await stage.manifest('issues', 1)).omitted).to.deep.equal([]);
  });

  it('loses nothing else where GitHub ends a list that cannot be asked for by time', async () => {
    for (let number = 0; number < 350; number++) stage.content.openPull(`One of many ${number}`);
    stage.github.lastPage = 2;
    await issues(1);
    const { omitted, records } = await stage.manifest('issues', 1);
    expect(omitted).to.deep.equal([{ what: 'pull-request', why: 'GitHub ends its list before its end' }]);
    expect(records?.types['pull-request']).to.include({ stored: 200, complete: false });
    expect(records?.types['pull-request-timeline']).to.include({ stored: 351, complete: true });
    expect(records?.types['issue']).to.include({ stored: 352, complete: true });
  });
});
