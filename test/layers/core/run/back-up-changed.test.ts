import { join } from 'node:path';
import { expect } from 'chai';
import { LocalTransport } from '#core/git/local-transport.ts';
import { defaultBackupOptions } from '#core/repositories/backup/options.ts';
import { backUpChanged, fold } from '#core/run/back-up-changed.ts';
import { parse } from '#core/runtime/schema.ts';
import { deletionEventSchema, repositoryEventSchema } from '#core/sources/codecommit/event.ts';
import type { ListedSource } from '#core/sources/source.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { addCommit, createRepository, useTemporaryFolders } from '../../../support/repositories.ts';
import { failureIn } from '../../../support/streams.ts';

const event = (more: object = {}, detail: object = {}): unknown => ({
  version: '0',
  source: 'aws.codecommit',
  'detail-type': 'CodeCommit Repository State Change',
  account: '123456789012',
  region: 'us-east-1',
  time: '2026-11-20T10:00:00Z',
  resources: ['arn:aws:codecommit:us-east-1:123456789012:my-repo'],
  detail: {
    event: 'referenceUpdated',
    repositoryName: 'my-repo',
    repositoryId: 'id-1',
    referenceType: 'branch',
    referenceName: 'main',
    referenceFullName: 'refs/heads/main',
    commitId: 'a'.repeat(40),
    oldCommitId: 'b'.repeat(40),
    callerUserArn: 'arn:aws:iam::123456789012:user/somebody',
    ...detail,
  },
  ...more,
});

const read = (input: unknown) => parse(repositoryEventSchema, input, 'the event', 'Usage');

describe('an event of CodeCommit', () => {
  it('names the repository and the moment, whatever happened to a ref', () => {
    for (const kind of ['referenceCreated', 'referenceUpdated', 'referenceDeleted'])
      expect(read(event({}, { event: kind, commitId: undefined }))).to.deep.equal({
        item: {
          source: 'codecommit',
          id: 'id-1',
          path: ['123456789012', 'us-east-1', 'my-repo'],
          name: '123456789012/us-east-1/my-repo',
        },
        time: new Date('2026-11-20T10:00:00Z'),
      });
  });

  it('is refused by name where it is another one', () => {
    for (const other of [
      event({ 'detail-type': 'CodeCommit Comment on Commit' }),
      event({ source: 'aws.codeartifact' }),
      event({}, { repositoryName: '../up' }),
      event({}, { event: 'somethingElse' }),
      {},
      'text',
    ])
      expect(failureIn(() => read(other)).code).to.equal('Usage');
  });
});

describe('a deletion that CloudTrail tells of', () => {
  it('names what was deleted, by whom and when', () => {
    const told = {
      source: 'aws.codecommit',
      'detail-type': 'AWS API Call via CloudTrail',
      account: '123456789012',
      region: 'us-east-1',
      time: '2026-11-20T10:00:00Z',
      detail: {
        eventSource: 'codecommit.amazonaws.com',
        eventName: 'DeleteRepository',
        userIdentity: { arn: 'arn:aws:iam::123456789012:user/somebody' },
        requestParameters: { repositoryName: 'my-repo' },
      },
    };
    expect(parse(deletionEventSchema, told, 'the event', 'Usage')).to.deep.equal({
      deleted: '123456789012/us-east-1/my-repo',
      by: 'arn:aws:iam::123456789012:user/somebody',
      at: '2026-11-20T10:00:00Z',
    });
  });
});

describe('what has changed', () => {
  const folder = useTemporaryFolders();

  it('is one thing per repository, of the time of its last event, however they come', () => {
    const at = (id: string, minute: number, name = 'a') => ({
      ...read(event({ time: `2026-11-20T10:0${minute}:00Z` }, { repositoryId: id, repositoryName: name })),
      key: `${id}${minute}`,
    });
    const folded = fold([at('x', 3, 'renamed'), at('y', 1), at('x', 1), at('x', 3, 'renamed'), at('x', 2)]);
    expect(folded.map(({ item, time, keys }) => [item.id, item.path[2], time.getMinutes(), keys])).to.deep.equal([
      ['x', 'renamed', 3, ['x3', 'x1', 'x3', 'x2']],
      ['y', 'a', 1, ['y1']],
    ]);
  });

  it('is stored once, however often the event comes, and not at all where a snapshot was begun since', async () => {
    const path = await createRepository(join(await folder(), 'my-repo'), { commits: 2 });
    const vault = new FolderVault(await folder());
    const source: ListedSource = {
      source: 'codecommit',
      inventory: () => Promise.reject(new Error('nobody asked for a list')),
      feeds: { repositories: { open: () => new LocalTransport(path) } },
      close: () => undefined,
    };
    const request = { source, vault, options: { ...defaultBackupOptions, heaviestChain: 100 } };
    const { item } = read(event());
    const soon = new Date(Date.now() + 60_000);
    const first = await backUpChanged(request, { item, time: soon });
    expect(first).to.include({ outcome: 'stored', snapshot: snapshotIdOf(soon) });
    // Delivered twice: the same snapshot, and no other.
    expect(await backUpChanged(request, { item, time: soon })).to.include({ snapshot: snapshotIdOf(soon) });
    // A day late: what is stored was read later than that.
    expect(await backUpChanged(request, { item, time: new Date(Date.now() - 86_400_000) })).to.equal(undefined);
    await addCommit(path);
    const later = await backUpChanged(request, { item, time: new Date(Date.now() + 120_000) });
    expect(later).to.include({ outcome: 'stored', kind: 'incremental' });
    const { snapshots } = await new Catalogue(vault).item('codecommit/123456789012/us-east-1/my-repo/');
    expect(snapshots).to.have.length(2);
  });
});
