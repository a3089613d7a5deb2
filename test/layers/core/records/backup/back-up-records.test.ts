import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { backUpRecords, type RecordsRequest } from '#core/records/backup/back-up-records.ts';
import { readRecords } from '#core/records/read-records.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { snapshotIdOf, type SnapshotId } from '#core/vault/snapshot-id.ts';
import type { Manifest, ManifestItem } from '#core/vault/manifest.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import { applyRetention } from '#core/vault/retention.ts';
import { once } from '../../../../support/backups.ts';
import { MemoryVault } from '../../../../support/memory-vault.ts';
import { Forum } from '../../../../support/records/forum.ts';

const item: ManifestItem = { source: 'github', id: '7.forum', path: ['acme', 'api', 'forum'], name: 'acme/api/forum' };
const prefix = 'github/acme/api/forum/';

describe('backing up records', () => {
  let vault: MemoryVault;
  let forum: Forum;

  beforeEach(() => {
    vault = new MemoryVault();
    vault.now = () => new Date(Date.UTC(2026, 0, 1));
    forum = new Forum();
    forum.post(1, 'first', '2026-01-01T00:00:00Z');
    forum.post(2, 'second', '2026-01-02T00:00:00Z');
    forum.post(10, 'tenth', '2026-01-03T00:00:00Z');
    forum.tags.set('tags/5', { name: 'bug' });
  });

  const day = (number: number): SnapshotId => snapshotIdOf(new Date(Date.UTC(2026, 1, number)));

  function backUp(number: number, more: Partial<RecordsRequest> = {}): Promise<Stored | Unchanged> {
    vault.now = () => new Date(Date.UTC(2026, 1, number, 1));
    forum.given = [];
    const options = { full: false, longestChain: 30, heaviestChain: 100, tags: {}, retry: once };
    return backUpRecords({ item, dataset: forum, vault, snapshot: day(number), options, ...more });
  }

  async function manifest(number: number): Promise<Manifest> {
    return (await new Catalogue(vault).snapshot(prefix, day(number))).manifest;
  }

  /** What the snapshot of a day says of each record: its text or name, and whether it is gone. */
  async function state(number: number): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    for await (const { key, deleted, record } of readRecords(vault, await manifest(number)))
      found[key] = deleted === undefined ? record : { gone: record };
    return found;
  }

  it('stores all records sorted by their natural key, one a line, readable without Holdfast', async () => {
    expect(await backUp(1)).to.include({ outcome: 'stored', kind: 'full' });
    const { data, records } = await manifest(1);
    const text = gunzipSync(vault.objects.get(data[0]!.key)!.content).toString('utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { key: string });
    expect(lines.map(({ key }) => key)).to.deep.equal(['posts/1', 'posts/2', 'posts/10', 'tags/5']);
    expect(lines[0]).to.deep.equal({ key: 'posts/1', type: 'post', api: '1', record: forum.posts.get('posts/1') });
    expect(records?.types['post']).to.include({ stored: 3, complete: true, watermark: '2026-01-03T00:00:00Z' });
    const stored = vault.objects.get(data[0]!.key)!.content;
    expect(createHash('sha256').update(stored).digest('hex')).to.equal(data[0]!.sha256);
  });

  it('stores nothing but a small manifest where nothing has changed, and does not read what it has', async () => {
    await backUp(1);
    const [data] = (await manifest(1)).data;
    const reads: string[] = [];
    const read = vault.read.bind(vault);
    vault.read = (key) => {
      reads.push(key);
      return read(key);
    };
    await backUp(2);
    reads.length = 0;
    expect(await backUp(3)).to.include({ outcome: 'unchanged', since: day(1) });
    expect(reads).not.to.include(data!.key);
    expect(forum.given).to.deep.equal(['posts/10']);
    expect((await manifest(3)).data).to.deep.equal([]);
    expect(await state(3)).to.deep.equal(await state(1));
  });

  it('stores only what is new or was edited, and shows each state at its time', async () => {
    await backUp(1);
    forum.post(1, 'edited', '2026-01-04T00:00:00Z');
    forum.post(11, 'new', '2026-01-05T00:00:00Z');
    expect(await backUp(2)).to.include({ outcome: 'stored', kind: 'incremental' });
    const { data, chain, records } = await manifest(2);
    expect(data).to.have.length(1);
    expect(data[0]).to.include({ format: 'records', lines: 2 });
    expect(chain).to.have.length(1);
    expect(records?.types['post']?.watermark).to.equal('2026-01-05T00:00:00Z');
    expect(await state(1))
      .to.have.property('posts/1')
      .that.has.property('text', 'first');
    expect(await state(2))
      .to.have.property('posts/1')
      .that.has.property('text', 'edited');
    expect(await state(2))
      .to.have.property('posts/2')
      .that.has.property('text', 'second');
  });

  it('heeds no change of what changes by itself', async () => {
    await backUp(1);
    forum.posts.get('posts/10')!.views = 9;
    expect(await backUp(2)).to.include({ outcome: 'unchanged' });
  });

  it('keeps the last state of what is gone, with a mark, also when a full snapshot follows', async () => {
    await backUp(1);
    forum.tags.delete('tags/5');
    expect(await backUp(2)).to.include({ kind: 'incremental' });
    expect(await state(2))
      .to.have.property('tags/5')
      .that.deep.equals({ gone: { name: 'bug' } });
    expect((await manifest(2)).records?.types['tag']).to.include({ stored: 0, deleted: 1 });
    expect(await backUp(3)).to.include({ outcome: 'unchanged' });
    const options = { full: true, longestChain: 30, heaviestChain: 1, tags: {}, retry: once };
    expect(await backUp(4, { options })).to.include({ kind: 'full' });
    expect(await state(4)).to.deep.equal(await state(2));
  });

  it('finds what was deleted, with all that stood below it, once it looks at everything', async () => {
    forum.post(3, 'to go', '2026-01-02T12:00:00Z');
    forum.posts.set('posts/3/replies/8', { text: 'goes along', at: '2026-01-02T13:00:00Z' });
    await backUp(1);
    forum.posts.delete('posts/3');
    forum.posts.delete('posts/3/replies/8');
    expect(await backUp(2)).to.include({ outcome: 'unchanged' });
    expect(await backUp(9)).to.include({ outcome: 'stored', kind: 'incremental' });
    expect(await state(9))
      .to.have.property('posts/3')
      .that.has.property('gone');
    expect(await state(9))
      .to.have.property('posts/3/replies/8')
      .that.has.property('gone');
    expect((await manifest(9)).records).to.have.property('reconciled', day(9));
    expect(await backUp(10)).to.include({ outcome: 'unchanged' });
  });

  it('reads a type from the beginning again where records turn out to be missing', async () => {
    await backUp(1);
    forum.post(4, 'moved between pages', '2026-01-01T06:00:00Z');
    await backUp(9);
    expect((await manifest(9)).records?.types['post']).to.include({ complete: false });
    await backUp(10);
    expect(await state(10)).to.have.property('posts/4');
    expect((await manifest(10)).records?.types['post']).to.include({ complete: true, stored: 4 });
  });

  it('keeps what is stored of a part that cannot be read any more, and says why', async () => {
    await backUp(1);
    forum.omitted = 'the token lacks tags:read';
    await backUp(2);
    const { omitted, records } = await manifest(2);
    expect(omitted).to.deep.equal([{ what: 'tag', why: 'the token lacks tags:read' }]);
    expect(records?.types['tag']).to.deep.include({ stored: 1, deleted: 0, complete: false });
    expect(await state(2))
      .to.have.property('tags/5')
      .that.deep.equals({ name: 'bug' });
  });

  it('keeps what came before a failure, calls it incomplete, fails, and goes on from there', async () => {
    for (let number = 100; number < 500; number++)
      forum.post(number, 'one of many', new Date(Date.UTC(2026, 0, 10, 0, number)).toISOString().replace('.000Z', 'Z'));
    forum.failure = { after: 300, error: new HoldfastError('RateLimited', 'no more today') };
    const failed = await backUp(1).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(HoldfastError).with.property('code', 'RateLimited');
    expect((await manifest(1)).records?.types['post']).to.include({ stored: 300, complete: false });
    forum.failure = undefined;
    expect(await backUp(2)).to.include({ outcome: 'stored', kind: 'incremental' });
    expect(forum.given.length).to.be.lessThan(110);
    expect((await manifest(2)).records?.types['post']).to.include({ stored: 403, complete: true });
  });

  it('stores nothing where hardly anything came before a failure', async () => {
    forum.failure = { after: 2, error: new HoldfastError('Unavailable', 'gone') };
    expect(await backUp(1).catch((error: unknown) => error)).to.have.property('code', 'Unavailable');
    expect([...vault.objects.keys()].filter((key) => key.endsWith('manifest.json'))).to.deep.equal([]);
  });

  it('fetches a file once, and refers to it from every later snapshot', async () => {
    forum.files.set('assets/1', Buffer.from('an asset'));
    await backUp(1);
    forum.post(12, 'new', '2026-02-05T00:00:00Z');
    forum.files.set('assets/2', Buffer.from('another'));
    await backUp(2);
    forum.files.delete('assets/1');
    const options = { full: true, longestChain: 30, heaviestChain: 1, tags: {}, retry: once };
    await backUp(3, { options });
    expect(forum.reads).to.deep.equal(['assets/1', 'assets/2']);
    const ids = async (number: number): Promise<string[]> => {
      const { chain, data } = await manifest(number);
      return [...chain, ...data].flatMap((one) => (one.format === 'file' ? [one.id] : []));
    };
    expect(await ids(2)).to.deep.equal(['assets/1', 'assets/2']);
    expect(await ids(3)).to.deep.equal(['assets/2']);
  });

  it('stores no file that is shorter than its source says, names it, and tries again', async () => {
    forum.files.set('assets/1', Buffer.from('whole'));
    forum.wrongLength = 9;
    await backUp(1);
    const { data, omitted } = await manifest(1);
    expect(data.map(({ format }) => format)).to.deep.equal(['records']);
    expect(omitted[0]?.what).to.equal('file assets/1');
    forum.wrongLength = undefined;
    await backUp(2);
    expect((await manifest(2)).data.map(({ format }) => format)).to.deep.equal(['file']);
  });

  it('begins a full snapshot when the chain is long, without asking the source for everything again', async () => {
    const options = { full: false, longestChain: 3, heaviestChain: 100, tags: {}, retry: once };
    for (let number = 1; number <= 4; number++) {
      forum.post(20 + number, 'new', `2026-01-2${number}T00:00:00Z`);
      await backUp(number, { options });
    }
    expect((await manifest(3)).kind).to.equal('incremental');
    expect(await manifest(4)).to.include({ kind: 'full' });
    expect(forum.given).to.deep.equal(['posts/23', 'posts/24']);
    expect(Object.keys(await state(4))).to.have.length(8);
  });

  it('builds on no snapshot that is damaged', async () => {
    await backUp(1);
    const { key } = (await manifest(1)).data[0]!;
    const held = vault.objects.get(key)!;
    const content = Buffer.from(held.content);
    content[20]! ^= 1;
    vault.objects.set(key, { ...held, content });
    expect(await backUp(2)).to.include({ kind: 'full' });
    expect(Object.keys(await state(2))).to.have.length(4);
  });

  it('keeps hostile text as it came', async () => {
    const text = `\u0000\u001b[2J\ud800 \u2028 ${'x'.repeat(65_536)}`;
    forum.post(1, text, '2026-01-01T00:00:00Z');
    await backUp(1);
    expect(await state(1))
      .to.have.property('posts/1')
      .that.has.property('text', text);
  });

  it('loses nothing to retention that a kept snapshot needs, nor what that needs in turn', async () => {
    const options = { full: false, longestChain: 3, heaviestChain: 100, tags: {}, retry: once };
    forum.files.set('assets/1', Buffer.from('an asset'));
    await backUp(1, { options });
    for (let number = 2; number <= 6; number++) {
      forum.post(20 + number, 'new', `2026-01-2${number}T00:00:00Z`);
      if (number === 2) forum.files.set('assets/2', Buffer.from('another'));
      await backUp(number, { options });
    }
    const policy = { keepLast: 1, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };
    await applyRetention(vault, { source: 'github', policy, now: new Date(Date.UTC(2026, 5, 1)), dryRun: false });
    const left = (await new Catalogue(vault).item(prefix)).snapshots.filter(({ hasManifest }) => hasManifest);
    expect(left.map(({ snapshot }) => snapshot)).to.deep.equal([1, 2, 4, 5, 6].map(day));
    for (const { snapshot } of left) {
      const { chain } = (await new Catalogue(vault).manifest(prefix, snapshot)).manifest;
      for (const { key } of chain) expect(vault.objects.has(key), `${snapshot} needs ${key}`).to.equal(true);
    }
  });
});
