import { createHash } from 'node:crypto';
import { open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { listRefs } from '#core/git/fetch.ts';
import { HttpTransport } from '#core/git/http-transport.ts';
import { findPointers } from '#core/lfs/backup/find-pointers.ts';
import { defaultBackupOptions, type BackupOptions } from '#core/repositories/backup/options.ts';
import { backUpItem } from '#core/run/back-up-item.ts';
import { drillSnapshot } from '#core/run/drill.ts';
import { verifySnapshot } from '#core/run/verify.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { applyRetention } from '#core/vault/retention.ts';
import { Catalogue } from '#core/vault/catalogue.ts';
import { snapshotIdOf } from '#core/vault/snapshot-id.ts';
import type { Manifest } from '#core/vault/manifest.ts';
import type { Stored, Unchanged } from '#core/vault/outcome.ts';
import { FolderVault } from '#core/vault/storage/folder/folder-vault.ts';
import { startGitServer } from '../../../support/git-server.ts';
import { once } from '../../../support/backups.ts';
import type { GitHub } from '../../../support/github-server.ts';
import type { GitHubRepository } from '../../../support/github/state.ts';
import { addCommit, git, useTemporaryFolders } from '../../../support/repositories.ts';
import { failureOf, sourceOver, startStage, token } from '../sources/github/stage.ts';

describe('objects of Git LFS', () => {
  const folder = useTemporaryFolders();
  let github: GitHub;
  let repository: GitHubRepository;
  let vault: FolderVault;
  let catalogue: Catalogue;
  let day = 0;

  beforeEach(async () => {
    day = 0;
    github = await startStage(await folder());
    repository = await github.addRepository('acme/app', { private: true, shape: { commits: 2 } });
    vault = new FolderVault(await folder());
    catalogue = new Catalogue(vault);
  });

  afterEach(() => github.close());

  /** Commits files, each of which stands for an object with this content. */
  async function commit(files: Record<string, string>, branch = 'main'): Promise<string[]> {
    const put = await Promise.all(
      Object.entries(files).map(async ([name, content]) => ({ name, ...(await github.lfs.put(Buffer.from(content))) })),
    );
    await addCommit(repository.path, {
      branch,
      files: Object.fromEntries(put.map(({ name, pointer }) => [name, pointer])),
    });
    return put.map(({ oid }) => oid);
  }

  function source() {
    return sourceOver(github, { settings: { owner: 'acme', datasets: new Set(['lfs']) } });
  }

  async function backUp(options: Partial<BackupOptions> = {}, more: object = {}): Promise<Stored | Unchanged> {
    day += 1;
    const from = source();
    const item = (await from.inventory()).listed.find((one) => one.item.name === 'acme/app/lfs')!.item;
    const outcome = await backUpItem(
      {
        source: from,
        vault,
        run: snapshotIdOf(new Date(Date.UTC(2026, 0, day))),
        options: { ...defaultBackupOptions, retry: once, ...options },
        ...more,
      },
      item,
    );
    if ('versions' in outcome) throw new Error('not of objects');
    return outcome;
  }

  async function manifestOf(outcome: Stored | Unchanged): Promise<Manifest> {
    return (await catalogue.snapshot(outcome.prefix, outcome.snapshot)).content;
  }

  async function held(outcome: Stored | Unchanged): Promise<string[]> {
    const { chain, data } = await manifestOf(outcome);
    return [...chain, ...data].map((one) => (one.format === 'asset' ? one.name : one.format)).sort();
  }

  async function expectSound(outcome: Stored | Unchanged): Promise<void> {
    for (const entry of (await catalogue.item(outcome.prefix)).snapshots)
      expect((await verifySnapshot(vault, catalogue, entry)).problems).to.deep.equal([]);
    const drilled = await drillSnapshot(vault, catalogue, outcome.prefix, outcome.snapshot, { indexer: 'javascript' });
    expect(drilled.problems).to.deep.equal([]);
    expect(drilled.proven).to.deep.equal({ object: (await held(outcome)).length });
    const { chain, data } = await manifestOf(outcome);
    expect(drilled.bytes).to.equal([...chain, ...data].reduce((sum, { bytes }) => sum + bytes, 0));
  }

  it('are all that any ref names, at any commit, each checked and stored once', async () => {
    const first = await commit({ 'a.bin': 'one', 'b.bin': 'two' });
    const second = await commit({ 'a.bin': 'one, changed' });
    const branch = await commit({ 'c.bin': 'three' }, 'other');
    const outcome = await backUp();
    expect(outcome).to.include({ outcome: 'stored', kind: 'full' });
    expect(outcome).not.to.have.property('incomplete');
    expect(await held(outcome)).to.deep.equal([...first, ...second, ...branch].sort());
    expect((await manifestOf(outcome)).item).to.include({ id: '1001.lfs', name: 'acme/app/lfs' });
    expect(github.lfs.batches.map(({ oids }) => oids.length)).to.deep.equal([4]);
    await expectSound(outcome);
  });

  it('are asked for once: what is new is fetched, and what has not changed costs a list of refs', async () => {
    const first = await commit({ 'a.bin': 'one' });
    await backUp();
    github.gitRequests.length = 0;
    expect(await backUp()).to.include({ outcome: 'unchanged', since: '2026-01-01T000000.000Z' });
    expect(github.gitRequests.map(({ kind }) => kind)).to.deep.equal(['info-refs']);
    const second = await commit({ 'b.bin': 'two' });
    const outcome = await backUp();
    expect(outcome).to.include({ outcome: 'stored', kind: 'incremental', bytes: 3 });
    expect(await held(outcome)).to.deep.equal([...first, ...second].sort());
    expect(github.lfs.transfers).to.have.length(2);
    await expectSound(outcome);
  });

  it('are found in a repository without any, which then has an empty snapshot', async () => {
    const outcome = await backUp();
    expect(outcome).to.include({ outcome: 'stored', kind: 'empty' });
    expect(await backUp()).to.include({ outcome: 'unchanged' });
    await addCommit(repository.path, { files: { 'plain.txt': 'no pointer\n' } });
    expect(await backUp()).to.include({ kind: 'empty' });
    expect(github.lfs.batches).to.deep.equal([]);
    await expectSound(outcome);
  });

  it('are found by servers that cannot leave out blobs, in a history with large files and deltas', async () => {
    const big = Buffer.concat(Array.from({ length: 2000 }, (_, n) => createHash('sha256').update(`${n}`).digest()));
    for (let round = 0; round < 3; round++) {
      const files = {
        'big.dat': Buffer.concat([big, Buffer.alloc(300_000, round)]),
        'words.txt': `${'word '.repeat(30_000)}${round}`,
      };
      await addCommit(repository.path, { files });
      await commit({ [`f${round}`]: `content ${round}` });
    }
    await git(repository.path, 'gc', '--quiet', '--aggressive', '--prune=now');
    const root = dirname(repository.path);
    const servers = [
      { root, config: { 'uploadpack.allowFilter': 'true' } },
      { root, config: { 'uploadpack.allowFilter': 'true' }, protocol: 'v0' as const },
      { root },
      { root, protocol: 'v0' as const },
    ];
    const sizes: number[] = [];
    for (const options of servers) {
      const server = await startGitServer(options);
      const transport = new HttpTransport(new URL(`${server.url}/${basename(repository.path)}`), new HttpClient());
      const listed = await listRefs(transport);
      let read = 0;
      const asked = { wants: [...new Set(listed.refs.values())], haves: [] };
      const found = await findPointers(transport, listed, asked, (bytes) => (read = bytes));
      expect([...found.objects.keys()].sort()).to.deep.equal(
        [0, 1, 2].map((round) => createHash('sha256').update(`content ${round}`).digest('hex')).sort(),
      );
      sizes.push(read);
      await server.close();
    }
    const [filtered = 0, filteredToo = 0, whole = 0] = sizes;
    expect(Math.max(filtered, filteredToo) * 3).to.be.lessThan(whole);
  });

  it("are fetched with what the server's answer says, and never with our token where it is not for it", async () => {
    await commit({ 'a.bin': 'one' });
    await backUp();
    expect(github.lfs.batches.every(({ hasAuthorization }) => hasAuthorization)).to.equal(true);
    expect(github.lfs.transfers).to.have.length(1);
    for (const { headers } of github.lfs.transfers) {
      expect(headers['x-storage-key']).to.be.a('string');
      expect(JSON.stringify(headers))
        .not.to.include(token)
        .and.not.to.include(Buffer.from(`x-access-token:${token}`).toString('base64'));
    }
  });

  it('are asked for again where their address has expired', async () => {
    await commit({ 'a.bin': 'one' });
    github.lfs.expiresIn = 0;
    const outcome = await backUp({ retry: { attempts: 3, firstWaitMs: 1, longestWaitMs: 2 } });
    expect(await held(outcome)).to.have.length(1);
    expect(github.lfs.batches.length).to.be.greaterThan(1);
  });

  it('that the server lost are named and cost no other; they are asked for again, and kept once they are back', async () => {
    const [lost = '', here = ''] = await commit({ 'a.bin': 'one', 'b.bin': 'two' });
    const content = await readFile(github.lfs.pathOf(lost));
    await rm(github.lfs.pathOf(lost));
    for (const code of [404, 410, 422]) {
      github.lfs.refused.set(lost, code);
      const outcome = await backUp();
      expect(await held(outcome)).to.deep.equal([here]);
      expect(outcome, 'nothing that another backup could mend').not.to.have.property('incomplete');
      expect((await manifestOf(outcome)).lfs?.missing).to.have.length(1);
      const { omitted } = (await catalogue.manifest(outcome.prefix, outcome.snapshot)).manifest;
      expect(omitted[0]?.what).to.include(lost);
      expect(outcome.warnings.join()).to.include(lost);
    }
    github.lfs.refused.clear();
    await writeFile(github.lfs.pathOf(lost), content);
    const outcome = await backUp();
    expect(await held(outcome)).to.deep.equal([lost, here].sort());
    expect((await manifestOf(outcome)).lfs?.missing).to.deep.equal([]);
  });

  it('beyond the limit are left out by name, and the snapshot is not called complete', async () => {
    await commit({ 'a.bin': 'x'.repeat(100) });
    await commit({ 'b.bin': 'y'.repeat(70) });
    const outcome = await backUp({ lfsLimit: 120 });
    expect(await held(outcome)).to.have.length(1);
    expect(outcome.incomplete).to.match(/^1 objects of Git LFS \(\d+ bytes\) are not stored: over the limit/);
    expect(await backUp({ lfsLimit: 120 })).to.include({ outcome: 'unchanged', incomplete: outcome.incomplete });
    const raised = await backUp({ lfsLimit: 1000 });
    expect(await held(raised)).to.have.length(2);
    expect(raised).not.to.have.property('incomplete');
  });

  it('stop, incomplete, where the quota is used up, and go on with the rest another time', async () => {
    await commit({ a: '1', b: '2', c: '3', d: '4', e: '5', f: '6' });
    github.lfs.quota = 2;
    const outcome = await backUp();
    expect(await held(outcome)).to.have.length(2);
    expect(outcome.incomplete).to.include('4 objects').and.to.include('quota');
    github.lfs.quota = Infinity;
    github.lfs.fault = { status: 429, message: 'slow down', headers: { 'retry-after': '3600' } };
    expect((await backUp()).incomplete).to.include('429');
    github.lfs.fault = undefined;
    github.lfs.transfers.length = 0;
    expect(await held(await backUp())).to.have.length(6);
    expect(github.lfs.transfers).to.have.length(4);
  });

  it('that come damaged or cut off are never stored', async () => {
    const [broken = '', short = '', good = ''] = await commit({ a: 'right', b: 'long enough', c: 'good' });
    await writeFile(github.lfs.pathOf(broken), 'wrong');
    await writeFile(github.lfs.pathOf(short), 'long');
    const outcome = await backUp();
    expect(await held(outcome)).to.deep.equal([good]);
    expect(outcome.incomplete).to.include('2 objects');
    await expectSound(outcome);
  });

  it('fail as a whole where the credential may not read them, or there is no such server', async () => {
    await commit({ a: '1' });
    github.lfs.fault = { status: 403, message: 'Git LFS is disabled for this repository.' };
    const error = await failureOf(backUp());
    expect(error.code).to.equal('AccessDenied');
    expect(error.message).to.include('Git LFS is disabled');
    github.lfs.fault = { status: 404, message: 'Not Found' };
    expect((await failureOf(backUp())).code).to.equal('SourceUnsupported');
  });

  it('keep what was stored when they are interrupted, and the next run goes on', async () => {
    await commit({ a: '1', b: '2', c: '3', d: '4', e: '5', f: '6' });
    const stopping = new AbortController();
    const onProgress = () => github.lfs.transfers.length > 3 && stopping.abort();
    const stopped = backUp({}, { signal: stopping.signal, onProgress });
    expect((await failureOf(stopped)).code).to.equal('Interrupted');
    github.lfs.transfers.length = 0;
    const outcome = await backUp();
    expect(await held(outcome)).to.have.length(6);
    expect(outcome).to.include({ kind: 'incremental' });
    expect(github.lfs.transfers).to.have.length(6 - (await manifestOf(outcome)).chain.length);
  });

  it('that a killed attempt had stored are taken from the vault, unless they are other than their names', async () => {
    const [good = '', broken = '', fresh = ''] = await commit({ a: 'good', b: 'right', c: 'fresh' });
    const left = 'github/acme/app/lfs/2025-12-31T000000.000Z/0a1b2c3d';
    for (const [oid, content] of [
      [good, 'good'],
      [broken, 'wrong'],
    ]) {
      const writer = vault.writer(`${left}-${oid}`);
      await writer.write(Buffer.from(content!));
      await writer.finish();
    }
    const outcome = await backUp();
    expect(await held(outcome)).to.deep.equal([good, broken, fresh].sort());
    expect(github.lfs.transfers.map(({ path }) => path.slice(1)).sort()).to.deep.equal([broken, fresh].sort());
  });

  it('of another server, which .lfsconfig names, are left out, and it is said', async () => {
    const pointer = (await github.lfs.put(Buffer.from('elsewhere'))).pointer;
    const oid = /sha256:(\w+)/.exec(pointer)![1]!;
    await rm(github.lfs.pathOf(oid));
    const config = '[lfs]\n\turl = https://lfs.example.org/acme/app\n';
    await addCommit(repository.path, { files: { '.lfsconfig': config, 'a.bin': pointer } });
    const outcome = await backUp();
    expect(outcome.incomplete).to.include('.lfsconfig names lfs.example.org, which is not asked');
    expect((await backUp()).incomplete).to.equal(outcome.incomplete);
  });

  it('that were damaged in the vault are fetched again', async () => {
    const [oid = ''] = await commit({ a: 'one' });
    const first = await backUp();
    const { data } = await manifestOf(first);
    await rm(join(vault.location, data[0]!.key));
    const outcome = await backUp();
    expect(await held(outcome)).to.deep.equal([oid]);
    expect(outcome).to.include({ outcome: 'stored', kind: 'full' });
  });

  it('stay as long as a kept snapshot names them', async () => {
    await commit({ a: 'one' });
    await backUp();
    await backUp();
    await commit({ b: 'two' });
    await backUp();
    const last = await backUp();
    const policy = { keepLast: 1, days: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0, keepVerified: 0 };
    await applyRetention(vault, { source: 'github', policy, now: new Date(), dryRun: false });
    expect((await catalogue.item(last.prefix)).snapshots.map(({ snapshot }) => snapshot.slice(8, 10))).to.deep.equal([
      '01',
      '03',
      '04',
    ]);
    await expectSound(last);
  });

  it('belong to CodeBuild where there are more than a function has time for', async () => {
    await commit({ a: 'x'.repeat(100) });
    expect((await failureOf(backUp({ streamLimit: 50 }))).code).to.equal('TooLarge');
    expect(github.lfs.transfers).to.deep.equal([]);
  });

  it('of any size flow through flat memory', async function () {
    this.timeout(60_000);
    const size = 300 << 20;
    const scratch = join(await folder(), 'zeros');
    await writeFile(scratch, '');
    await truncate(scratch, size);
    const hash = createHash('sha256');
    const file = await open(scratch);
    for await (const chunk of file.createReadStream({ highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>)
      hash.update(chunk);
    const oid = hash.digest('hex');
    await writeFile(github.lfs.pathOf(oid), '');
    await truncate(github.lfs.pathOf(oid), size);
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;
    await addCommit(repository.path, { files: { big: pointer } });
    const before = process.memoryUsage().rss;
    let most = 0;
    const outcome = await backUp({}, { onProgress: () => (most = Math.max(most, process.memoryUsage().rss)) });
    expect(await held(outcome)).to.deep.equal([oid]);
    expect(most - before).to.be.lessThan(120 << 20);
  });
});
