import { expect } from 'chai';
import { HttpClient } from '#core/runtime/http.ts';
import { gitHubAddresses } from '#core/sources/github/addresses.ts';
import { GitHubWriter } from '#core/sources/github/github-writer.ts';
import { restoreIssues } from '#core/sources/github/restore/issues.ts';
import { restoreReleases } from '#core/sources/github/restore/releases.ts';
import type { StoredDataset } from '#core/sources/github/restore/stored.ts';
import { Credential } from '#core/sources/hosting/credential.ts';
import { fixedToken } from '#core/sources/hosting/token.ts';
import { itemPrefix } from '#core/vault/layout.ts';
import { openDataset } from '../../../../../../scripts/cli/restore-all/github/stored-dataset.ts';
import { fill } from '../../../../../scripts/cli/restore-all/rich-repository.ts';
import { cutBody, failWith, type Fault } from '../../../../../support/git-faults.ts';
import type { RepositoryContent } from '../../../../../support/github/records/content.ts';
import type { GitHubRepository } from '../../../../../support/github/state.ts';
import { useTemporaryFolders } from '../../../../../support/repositories.ts';
import { dayId, RecordsStage } from '../records/stage.ts';
import { token } from '../stage.ts';

/** What a target holds, without ids and times, which are never the same. */
function shapeOf({ issues, comments, labels, milestones, releases }: RepositoryContent) {
  const said = [...comments.values()].map(({ issue_url: url, body }) => [url.split('/').at(-1), body]);
  return {
    issues: [...issues.values()].map(({ number, title, body, state, locked, labels: given, milestone }) => ({
      number,
      title,
      body,
      state,
      locked,
      labels: given.map((label) => (typeof label === 'string' ? label : label.name)).sort(),
      milestone: milestone?.number,
    })),
    comments: said.sort(([, a], [, b]) => ((a ?? '') < (b ?? '') ? -1 : 1)),
    labels: labels.map(({ name, color }) => [name, color]).sort(),
    milestones: milestones.map(({ number, title, state }) => [number, title, state]),
    releases: releases.map(({ tag_name: tag, body, draft, assets }) => [
      tag,
      body,
      draft,
      assets.map(({ name, digest }) => [name, digest]).sort(),
    ]),
  };
}

describe('a restore of records to GitHub', () => {
  const folder = useTemporaryFolders();
  let stage: RecordsStage;
  let issues: StoredDataset;
  let releases: StoredDataset;
  let target: GitHubRepository;

  before(async () => {
    stage = await RecordsStage.start(await folder());
    stage.github.rateLimit(token).limit = 1_000_000;
    await fill(
      stage.content,
      await stage.github.addRepository('acme/code', { shape: { commits: 1, branches: ['feature'] } }),
    );
    const shape = { commits: 1, tags: ['v1', 'v2'] };
    target = await stage.github.addRepository('acme/target', { shape, private: true });
    for (const dataset of ['issues', 'releases']) await stage.backUp(dataset, 1);
    const open = (dataset: string): Promise<StoredDataset> =>
      openDataset(stage.vault, {
        item: itemPrefix('github', stage.item(dataset).path),
        snapshot: dayId(1),
      } as Parameters<typeof openDataset>[1]);
    issues = await open('issues');
    releases = await open('releases');
  });
  after(() => stage.github.close());

  /** One attempt, in a process that gives up at the first trouble, or one that is patient. */
  async function attempt(noted: Map<string, number>, attempts: number): Promise<void> {
    const http = new HttpClient({ stallMs: 5_000 });
    const writer = new GitHubWriter({
      http,
      addresses: gitHubAddresses(stage.github.apiUrl),
      credential: new Credential(fixedToken(token, 'the test')),
      retry: { attempts, firstWaitMs: 1, longestWaitMs: 10 },
      creation: { perMinute: 100_000, perHour: 1_000_000 },
    });
    const [owner = '', repository = ''] = target.fullName.split('/');
    const to = { writer, owner, repository, isOurs: true };
    try {
      const restored = await restoreIssues({
        target: to,
        dataset: issues,
        from: 'acme/api',
        branches: new Map(),
        assignees: false,
        drafts: false,
        discussions: new Map([[3, 'What next?']]),
        noted,
        note: (of, number) => Promise.resolve(void noted.set(of, number)),
      });
      expect(restored.refused).to.deep.equal([]);
      expect(restored.different).to.deep.equal([]);
      const also = await restoreReleases({
        target: to,
        dataset: releases,
        from: 'acme/api',
        keepsNumbers: true,
        asDrafts: false,
      });
      expect([also.refused, also.different]).to.deep.equal([[], []]);
    } finally {
      writer.close();
      http.close();
    }
  }

  /** Empty, but for its tags. */
  function newTarget(): GitHubRepository {
    stage.github.emptyContentOf(target);
    return target;
  }

  const faults: Record<string, (skip: number) => Fault> = {
    'before GitHub does what was asked': (skip) => failWith({ status: 502 }, { on: 'api', skip, times: 1 }),
    'before the answer arrives': (skip) => cutBody({ after: 0, ending: 'reset' }, { on: 'api', skip, times: 1 }),
  };

  for (const [when, fault] of Object.entries(faults))
    it(`makes nothing twice and loses nothing when it breaks off ${when}, at any change, and is run again`, async function () {
      this.timeout(240_000);
      newTarget();
      stage.github.requests.length = 0;
      await attempt(new Map(), 1);
      const changes = stage.github.requests.flatMap(({ method }, at) => (method === 'GET' ? [] : [at]));
      const wanted = shapeOf(stage.github.contentOf(target));
      expect(wanted.issues).to.have.length(6);
      for (const at of changes) {
        newTarget();
        const noted = new Map<string, number>();
        const broken = fault(at);
        stage.github.faults.push(broken);
        await attempt(noted, 1).then(
          () => expect(broken.hits, 'an answer without content may be lost unnoticed').to.equal(1),
          () => undefined,
        );
        stage.github.faults.splice(0);
        // Every other time the machine is another one, which has no notes.
        await attempt(changes.indexOf(at) % 2 === 0 ? noted : new Map<string, number>(), 1);
        expect(shapeOf(stage.github.contentOf(target)), `broken at request ${at}`).to.deep.equal(wanted);
      }
    });

  it('looks before it asks again, where an answer is lost and it goes on by itself', async function () {
    this.timeout(240_000);
    newTarget();
    stage.github.requests.length = 0;
    await attempt(new Map(), 1);
    const posts = stage.github.requests.flatMap(({ method }, at) => (method === 'POST' ? [at] : []));
    const wanted = shapeOf(stage.github.contentOf(target));
    for (const at of posts) {
      newTarget();
      stage.github.faults.push(cutBody({ after: 0, ending: 'reset' }, { on: 'api', skip: at, times: 1 }));
      await attempt(new Map(), 3);
      stage.github.faults.splice(0);
      expect(shapeOf(stage.github.contentOf(target)), `lost at request ${at}`).to.deep.equal(wanted);
    }
  });
});
